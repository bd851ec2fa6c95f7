"""The demo operator: a fictional French brand with subscribers, history and the troubles that agents meet."""

from backoffice.demo.filling import DemoInterrupted as DemoInterrupted
from backoffice.demo.filling import DemoNotEmpty as DemoNotEmpty
from backoffice.demo.filling import Filled as Filled
from backoffice.demo.filling import fill as fill
from backoffice.demo.filling import is_empty as is_empty
