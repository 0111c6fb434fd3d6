"""The address and the share link of a session, and its pins."""

from pages.parts.sharing.address import (
    address_came,
    keep_in_address,
    link_notice,
    moved_since,
    open_link,
    share_link,
    too_many_for_address,
)

__all__ = [
    "address_came",
    "keep_in_address",
    "link_notice",
    "moved_since",
    "open_link",
    "share_link",
    "too_many_for_address",
]
