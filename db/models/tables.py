"""Every table, in an order in which they can be created."""

from db.engine.base import Table
from db.models.accounts import Account, AccountRole, ApiToken, SignInLink
from db.models.answers import AlertReply, InboundVerdict, OwnNumber
from db.models.broadcasts import (
    Attempt,
    Broadcast,
    BroadcastOrder,
    BroadcastPlace,
    BroadcastText,
    BroadcastThread,
    Hold,
    Message,
    Part,
    Report,
)
from db.models.budgets import SimBudget, SimDay, SimRecipient
from db.models.bulletins import (
    Bulletin,
    BulletinEnclosure,
    BulletinMail,
    BulletinPlace,
    BulletinPolicy,
    BulletinRelay,
    BulletinText,
    NeighbourhoodRelay,
    SigningKey,
)
from db.models.incidents import Incident, JobRun, Suspicion
from db.models.journal_chain import AuditSeal
from db.models.mail import Mail, MailDomain, MailEnclosure, MailLetter, MailServer
from db.models.mailbox import InboundMail, InboxAnswer, InboxMark, Mailbox, SeenMail
from db.models.modem_records import (
    InboundMessage,
    InboundPart,
    ModemRequest,
    ModemSample,
    ModemStorage,
    PinTry,
    SimCard,
    Transcript,
    UnreadablePdu,
)
from db.models.people import Consent, Member, Neighbourhood
from db.models.policy import Approval, DrillPerson, Outline, ZonePolicy
from db.models.templates import AlertTemplate, AlertTemplateText, AlertWording
from db.models.zone import AuditEntry, DirectoryEntry, Heartbeat, Lineage, Modem, Zone

TABLES: tuple[type[Table], ...] = (
    Zone,
    DirectoryEntry,
    Neighbourhood,
    Member,
    Consent,
    Account,
    AccountRole,
    SignInLink,
    ApiToken,
    Broadcast,
    BroadcastOrder,
    BroadcastPlace,
    BroadcastText,
    Message,
    Part,
    Attempt,
    Report,
    Modem,
    Heartbeat,
    AuditEntry,
    SimCard,
    PinTry,
    ModemSample,
    ModemStorage,
    ModemRequest,
    Transcript,
    InboundMessage,
    InboundPart,
    UnreadablePdu,
    SimDay,
    SimRecipient,
    SimBudget,
    BroadcastThread,
    Incident,
    Suspicion,
    JobRun,
    ZonePolicy,
    Approval,
    Outline,
    DrillPerson,
    Mailbox,
    SeenMail,
    InboundMail,
    InboxMark,
    InboxAnswer,
    MailLetter,
    MailEnclosure,
    Mail,
    MailDomain,
    MailServer,
    InboundVerdict,
    AlertReply,
    OwnNumber,
    Bulletin,
    BulletinText,
    BulletinPlace,
    BulletinEnclosure,
    BulletinRelay,
    BulletinMail,
    NeighbourhoodRelay,
    BulletinPolicy,
    SigningKey,
    AlertTemplate,
    AlertTemplateText,
    AlertWording,
    AuditSeal,
    Hold,
    Lineage,
)
