"""The table of datasets."""

import json
from collections.abc import Sequence

from sqlalchemy import CheckConstraint, Column, Integer, LargeBinary
from sqlmodel import Field, Session, SQLModel, select

from api.dataset import Dataset
from api.errors import NotFoundError
from policy.canonical import canonical
from policy.label import Label, Level


class DatasetRow(SQLModel, table=True):
    """One dataset; the level is an integer so that the database compares it as one."""

    __tablename__ = "dataset"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (CheckConstraint("level BETWEEN 0 AND 5"),)

    id: str = Field(primary_key=True)
    tenant: str = Field(index=True)
    name: str
    site: str
    purposes: str
    declared: int | None
    level: int = Field(sa_type=Integer)
    label: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    content: str | None
    size: int
    provisional: bool
    state: str
    registered: int
    findings: str


def save_dataset(session: Session, dataset: Dataset) -> None:
    """Insert the dataset, or replace the one with its id."""
    session.merge(
        DatasetRow(
            id=dataset.id,
            tenant=dataset.tenant,
            name=dataset.name,
            site=dataset.site,
            purposes=json.dumps(sorted(dataset.purposes)),
            declared=None if dataset.declared is None else int(dataset.declared),
            level=int(dataset.label.level),
            label=canonical(dataset.label.to_json()),
            content=dataset.content,
            size=dataset.size,
            provisional=dataset.provisional,
            state=dataset.state,
            registered=dataset.registered,
            findings=dataset.findings,
        )
    )


def get_dataset(session: Session, identity: str, *, tenant: str | None) -> Dataset:
    """Return the dataset; with a tenant, only one of that tenant's.

    Raises:
        NotFoundError: there is none; another tenant's looks the same as none.
    """
    row = session.get(DatasetRow, identity)
    if row is None or (tenant is not None and row.tenant != tenant):
        raise NotFoundError(f"no dataset {identity!r}")
    return _value(row)


def list_datasets(
    session: Session, *, tenant: str | None, after: str = "", limit: int = 100
) -> Sequence[Dataset]:
    """Return up to `limit` datasets in the order of their ids, from behind `after`."""
    query = select(DatasetRow).where(DatasetRow.id > after).order_by(DatasetRow.id).limit(limit)
    if tenant is not None:
        query = query.where(DatasetRow.tenant == tenant)
    return [_value(row) for row in session.exec(query)]


def _value(row: DatasetRow) -> Dataset:
    return Dataset(
        id=row.id,
        tenant=row.tenant,
        name=row.name,
        site=row.site,
        purposes=frozenset(json.loads(row.purposes)),
        declared=None if row.declared is None else Level(row.declared),
        label=Label.from_json(json.loads(row.label)),
        content=row.content,
        size=row.size,
        provisional=row.provisional,
        state=row.state,
        registered=row.registered,
        findings=row.findings,
    )
