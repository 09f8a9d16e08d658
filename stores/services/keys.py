"""The staff's sealed values."""

from common.sealed_rows import SealedTable, no_company

STAFF = SealedTable("stores_staff", {"email": no_company, "phone": no_company})
