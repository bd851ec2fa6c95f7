from tests import examples

examples.load()
