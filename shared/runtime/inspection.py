"""One service's database and keys looked through to the end, nothing changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shared.db.editions import NotMigrated
from shared.db.engine import Database
from shared.db.failures import damage_of
from shared.kernel.errors import kind_and_place
from shared.kernel.keys import KeyRefused
from shared.runtime.installation import refuse_flaws, refuse_other_service, see
from shared.runtime.marks import Marks, UnsafeToStart
from shared.runtime.service_spec import ServiceSpec
from shared.runtime.settings import Settings
from shared.runtime.starting import MENDING, refuse_unsound


@dataclass(slots=True)
class Inspection:
    """What was found; `findings` are Chinese sentences with what to do."""

    spec: ServiceSpec
    findings: list[str] = field(default_factory=list)
    is_readable: bool = False
    """Whether the database is worth reading on."""
    keys: bool | None = None
    """Whether they are those of the data; None where they are not here, or none are needed."""
    values: int | None = None
    """Encrypted values that were tried."""

    @property
    def as_json(self) -> dict[str, Any]:
        """For a command's answer."""
        return {
            "service": self.spec.name,
            "database": self.is_readable,
            "needs_keys": self.spec.keys is not None,
            "keys": self.keys,
            "values": self.values,
        }


async def inspect(spec: ServiceSpec, settings: Settings) -> Inspection:
    """Read all of one service's database, and try its keys on all that they should open."""
    found = Inspection(spec)
    database = Database(settings.database(spec.name), pool_size=2)
    try:
        seen = await see(spec, settings, whole=True)
        refuse_flaws(seen)
        refuse_other_service(seen)
        if seen.is_empty:
            found.findings.append(f"没有 {seen.name}，或者它是空的：{MENDING}")
            return found
        await refuse_unsound(database, spec, Marks(settings.data_dir))
        found.is_readable = True
        if spec.keys is not None:
            await _try_keys(found, settings, database)
    except (UnsafeToStart, NotMigrated) as error:
        found.findings.append(str(error))
    except Exception as error:  # noqa: BLE001  whatever it is, the other services are looked at too
        why = damage_of(error) or kind_and_place(error)
        found.findings.append(f"{spec.name} 的数据库读不出来（{why}）：{MENDING}")
    finally:
        await database.close()
    return found


async def _try_keys(found: Inspection, settings: Settings, database: Database) -> None:
    spec = found.spec
    assert spec.keys is not None  # noqa: S101  narrows for the type checker
    try:
        counts = await spec.keys(settings, database, is_trial=True)
    except KeyRefused as error:
        found.keys = False
        found.findings.append(str(error))
        return
    found.values = counts.get("values")
    found.keys = None if counts.get("not_here") else not counts.get("closed")
    if closed := counts.get("closed"):
        found.findings.append(
            f"{spec.name} 中有 {closed} 个加密值打不开（内容受损或者用过别的密钥）：{MENDING}"
        )
