"""The way to the bank: what a payment gateway can be asked, and an embedded sandbox that behaves like one.

A gateway knows tokens, references and cents, and nothing of subscribers: whoever calls it keeps the connection.
"""

from backoffice.gateway.protocol import Answer as Answer
from backoffice.gateway.protocol import Gateway as Gateway
from backoffice.gateway.protocol import GatewayTimeout as GatewayTimeout
from backoffice.gateway.protocol import GatewayUnavailable as GatewayUnavailable
from backoffice.gateway.protocol import KeyReused as KeyReused
from backoffice.gateway.protocol import Outcome as Outcome
