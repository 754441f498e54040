"""Staff say which languages they speak, and an alert knows its own."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns; nobody has said a language yet."""
    op.add_column("staff", sa.Column("languages", sa.String(length=255), server_default="", nullable=False))
    op.add_column("alerts", sa.Column("language", sa.String(length=10), nullable=True))
