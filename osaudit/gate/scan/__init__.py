"""What a code base adopts: models and data sets of the Hub, found in code, settings and commands.

`scan` reads a folder and gives an `Adopted`; nothing is run, asked of the network, printed or kept.
"""

from __future__ import annotations

from osaudit.gate.scan.adopted import Adopted, Found, Spot, Unread, Unresolved
from osaudit.gate.scan.listing import Limits
from osaudit.gate.scan.whole import scan

__all__ = ["Adopted", "Found", "Limits", "Spot", "Unread", "Unresolved", "scan"]
