"""What the staff can do: each noun brings its own acts."""

import strawberry

from backoffice.schema.approvals import ApprovalActs
from backoffice.schema.bulk_corrections import BulkCorrectionActs
from backoffice.schema.change_order_acts import ChangeOrderActs
from backoffice.schema.credit_note_acts import CreditNoteActs
from backoffice.schema.device_acts import DeviceActs
from backoffice.schema.goodwill_acts import GoodwillActs
from backoffice.schema.option_acts import OptionActs
from backoffice.schema.payment_acts import PaymentActs
from backoffice.schema.proration_correction_acts import ProrationCorrectionActs
from backoffice.schema.refund_acts import RefundActs
from backoffice.schema.suspension_acts import SuspensionActs
from backoffice.schema.termination_acts import TerminationActs
from backoffice.schema.ticket_acts import TicketActs


@strawberry.type(description="What the staff can do.")
class Mutation(
    TicketActs,
    RefundActs,
    CreditNoteActs,
    ProrationCorrectionActs,
    PaymentActs,
    GoodwillActs,
    ApprovalActs,
    DeviceActs,
    BulkCorrectionActs,
    OptionActs,
    TerminationActs,
    SuspensionActs,
    ChangeOrderActs,
):
    pass
