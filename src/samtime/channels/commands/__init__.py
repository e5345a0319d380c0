"""Commands of channels: their life, their terms, their ticks and prices."""

from samtime.channels.commands.cells import KEEP, Change
from samtime.channels.commands.copying import Spot, copy_listings
from samtime.channels.commands.forgetting import forget_opening_changes
from samtime.channels.commands.life import (
    NewChannel,
    TermsValues,
    close_channel,
    ensure_own_desk,
    hand_channel_to,
    open_channel,
    pause_outside_channels,
    prepare_channel,
    release_outside_channels,
    rename_channel,
    resume_channel,
    set_channel_locations,
    set_terms,
    suspend_channel,
)
from samtime.channels.commands.listings import (
    ChangeAnswer,
    close_all_listings,
    close_listing,
    open_listing,
    set_listings,
    set_prices,
)
from samtime.channels.commands.meanwhile import ChangedMeanwhile
from samtime.channels.commands.undo import ChangedSince, TooLateToUndo, undo_listings

__all__ = [
    "KEEP",
    "Change",
    "ChangeAnswer",
    "ChangedMeanwhile",
    "ChangedSince",
    "NewChannel",
    "Spot",
    "TermsValues",
    "TooLateToUndo",
    "close_all_listings",
    "close_channel",
    "close_listing",
    "copy_listings",
    "ensure_own_desk",
    "forget_opening_changes",
    "hand_channel_to",
    "open_channel",
    "open_listing",
    "pause_outside_channels",
    "prepare_channel",
    "release_outside_channels",
    "rename_channel",
    "resume_channel",
    "set_channel_locations",
    "set_listings",
    "set_prices",
    "set_terms",
    "suspend_channel",
    "undo_listings",
]
