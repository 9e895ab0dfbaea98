"""Files that people sent: what is known of them beside their bytes."""

from typing import NewType

FileId = NewType("FileId", int)
