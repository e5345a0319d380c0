"""`samtime check`: what stands in the way of serving."""

import psycopg

from samtime.commandline.check import found_faults


def test_a_bare_setting_in_a_policy_is_a_fault(own_database, owner_url):
    """`samtime check` refuses it."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(
            "ALTER POLICY parties ON channels_listing USING"
            " (provider_id = current_setting('samtime.viewer', true)::bigint"
            " OR outsider_id = current_setting('samtime.viewer', true)::bigint)"
        )
    assert [fault for fault in found_faults() if "channels_listing" in fault]
