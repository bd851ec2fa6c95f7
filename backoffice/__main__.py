"""`python -m backoffice` is the command `backoffice`."""

from backoffice.cli import main

if __name__ == "__main__":
    main()
