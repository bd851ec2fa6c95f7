"""Import of an operator's own records: any CSV, mapped by a TOML file; see docs/import.md."""

from backoffice.importing.errors import BadCsv as BadCsv
from backoffice.importing.errors import BadEncoding as BadEncoding
from backoffice.importing.errors import BadFile as BadFile
from backoffice.importing.errors import BadMapping as BadMapping
from backoffice.importing.errors import Unexpected as Unexpected
from backoffice.importing.outcomes import Outcome as Outcome
from backoffice.importing.running import run as run
