"""Texts that a spreadsheet would take for formulas (R35)."""

from common.spreadsheets import RISKY

TAILS = ("", "1+1", "cmd|'/c calc'!A0", 'HYPERLINK("http://x.test","a")')
PAYLOADS = [f"{sign}{tail}" for sign in sorted(RISKY) for tail in TAILS] + [
    "=SUM(A1:A9)*cmd|'/C calc'!A0",
    "＝1+1+1",
    "\t=1+1",
    "\r\n=1+1",
    "@SUM(1+9)*cmd|'/c calc'!A0",
    "-2+3+cmd|'/c calc'!A0",
    "+8613812345678",
    "=-1",
]
