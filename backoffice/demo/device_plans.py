"""Which devices a file has: what is lent with the contracts, what the subscriber linked, what the trouble is about."""

from dataclasses import dataclass

from backoffice.demo.agreed import ContractPlan
from backoffice.demo.files import File
from backoffice.demo.homes import WITH_BOX, WITH_DECODER
from backoffice.demo.setbacks import Trouble
from backoffice.models import DeviceKind, DeviceState, RevocationReason

_PERSONAL = (DeviceKind.PHONE, DeviceKind.SMART_TV, DeviceKind.TABLET, DeviceKind.COMPUTER, DeviceKind.STICK)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A device to be written; `idle_days` is how long ago it was last seen."""

    kind: DeviceKind
    state: DeviceState = DeviceState.ACTIVE
    reason: RevocationReason | None = None
    name: str | None = None
    idle_days: int = 0
    is_guest: bool = False
    is_strange: bool = False


_RICH = (
    Wanted(DeviceKind.PHONE),
    Wanted(DeviceKind.SMART_TV),
    Wanted(DeviceKind.TABLET, is_strange=True),
    Wanted(DeviceKind.STICK, DeviceState.REVOKED, RevocationReason.LOST),
    Wanted(DeviceKind.COMPUTER, DeviceState.REMOVED),
    Wanted(DeviceKind.SMART_TV, name="TV du gîte d'Arcachon", idle_days=200, is_guest=True),
)
_OF_TROUBLE = {
    Trouble.STRANGE_LOGIN: (
        Wanted(DeviceKind.PHONE),
        Wanted(DeviceKind.COMPUTER, DeviceState.BLOCKED, is_strange=True),
    ),
    Trouble.FORGOTTEN_DEVICES: (
        Wanted(DeviceKind.PHONE),
        Wanted(DeviceKind.TABLET),
        Wanted(DeviceKind.SMART_TV, DeviceState.REMOVED),
        Wanted(DeviceKind.SMART_TV, name="TV de location à Biarritz", idle_days=240, is_guest=True),
        Wanted(DeviceKind.STICK, idle_days=300),
        Wanted(DeviceKind.COMPUTER, idle_days=30),
    ),
    Trouble.STOLEN_DEVICE: (
        Wanted(DeviceKind.PHONE, DeviceState.REVOKED, RevocationReason.STOLEN),
        Wanted(DeviceKind.PHONE),
        Wanted(DeviceKind.STICK, DeviceState.REVOKED, RevocationReason.FRAUD, is_strange=True),
    ),
}


def linked(file: File) -> tuple[Wanted, ...]:
    """The screens and telephones of a file."""
    if file.plan.is_rich:
        return _RICH
    of_trouble = _OF_TROUBLE.get(file.plan.trouble)
    if of_trouble:
        return of_trouble
    kinds = file.rng.sample(_PERSONAL, file.rng.randrange(1, 4))
    return tuple(Wanted(kind, *_state(file), idle_days=file.rng.choice((0, 0, 0, 40, 150))) for kind in kinds)


def lent(agreed: ContractPlan) -> list[DeviceKind]:
    """The equipment that comes with a contract."""
    has_decoder, has_box = agreed.code in WITH_DECODER, agreed.code in WITH_BOX
    return [DeviceKind.DECODER] * has_decoder + [DeviceKind.ISP_BOX] * has_box


def _state(file: File) -> tuple[DeviceState, RevocationReason | None]:
    drawn = file.rng.random()
    if drawn < 0.06:
        return DeviceState.REMOVED, None
    if drawn < 0.10:
        return DeviceState.REVOKED, file.rng.choice((RevocationReason.LOST, RevocationReason.REQUEST))
    return (DeviceState.PENDING if drawn < 0.12 else DeviceState.ACTIVE), None
