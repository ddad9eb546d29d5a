"""Where a capture states what its bytes do not say, and why: (capture, codes, reason).

capture and codes are patterns (fnmatch; codes apart by blanks); beside OBIS codes stand `frames`,
`readings`, `damage`, `timestamp` and `meter_id`, in MEP exchanges `response_code` and the like.
"""

DAMAGED = "no frame of it is sound: a damaged frame gives no value"

_FLOAT = "the source reckoned in 32-bit floats and lost the last digits"
_SYNTHETIC = "a frame made to test the link layer: it carries no list"

EXPLAINED = (
    # ---- values
    (
        "dk-kamstrup-kamstrup_v0001-hdlc",
        "1-0:31.7.0 1-0:51.7.0 1-0:71.7.0",
        "the source takes the currents for hundredths of an ampere; 3 x 233 V x 92 A is the "
        "63.4 kvar that the list states, 920 A would be ten times that",
    ),
    ("no-aidon-6534-list3-*", "1-0:1.8.0", _FLOAT),
    ("se-aidon-unknown-hdlc-3", "1-0:1.8.0", _FLOAT),
    (
        "be-sagemcom-fluvius_*_a-p1-2",
        "0-1:24.2.1",
        "the water meter is on channel 2 (0-2:24.2.1); the source names its kind, not its channel",
    ),
    (
        "nl-*-p1*",
        "1-0:96.7.21",
        "the telegram says 0-0:96.7.21; the source goes by C.D.E alone",
    ),
    (
        "xx-synthetic-robthree_test-p1-*",
        "0-0:17.0.0",
        "the telegram says kW; the source leaves the unit out",
    ),
    (
        "si-iskraemeco-am550-hdlc-[78]",
        "meter_id",
        "UP_3f is the name of the list; the meter's number stands further on in it",
    ),
    (
        "lu-sagemcom-sagemcom_t210_d_spec_example_enc-encp1-2",
        "*",
        "its tag does not hold and no more does the CRC within: nothing of it may be used",
    ),
    (
        "xx-nes-osgp_meter_document_example-rc4-8",
        "*",
        "the guide does not print this example's key: without its digest nothing may be used",
    ),
    # ---- frames that carry no list
    ("no-synthetic-unknown-synthetic-*", "readings", _SYNTHETIC),
    (
        "ch-landis_gyr-e450-gbt-3",
        "readings",
        "blocks twice and out of turn: the message they belong to cannot be put together",
    ),
    (
        "hr-iskraemeco-ie_5_td1-hdlc-1",
        "readings",
        "the first segment of a message whose second is not in the capture",
    ),
)
