-- SPDX-License-Identifier: GPL-3.0-or-later
-- Rows are appended in order of arrival under binary ids, with as few indexes as delivery needs:
-- measured, that is twice as fast as text ids with an index on each. Order of arrival is also order
-- of age, so expiry needs no index.

-- One row: what must survive a restart and change in the same transaction as the rows it counts.
CREATE TABLE state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- 16 bytes: encrypts sequences into the ids that clients see.
    id_key BLOB NOT NULL,
    -- The last sequences given out: they are never given out again, whatever is deleted.
    last_blob INTEGER NOT NULL DEFAULT 0,
    last_device_message INTEGER NOT NULL DEFAULT 0,
    -- Unix milliseconds of the last thing stored: time never runs backwards in the store.
    last_time INTEGER NOT NULL DEFAULT 0,
    blob_count INTEGER NOT NULL DEFAULT 0,
    blob_bytes INTEGER NOT NULL DEFAULT 0,
    device_message_count INTEGER NOT NULL DEFAULT 0,
    device_message_bytes INTEGER NOT NULL DEFAULT 0,
    proof_count INTEGER NOT NULL DEFAULT 0,
    proof_bytes INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE blobs (
    sequence INTEGER PRIMARY KEY,
    recipient BLOB NOT NULL,
    -- 32 bytes, 40 with the case in which the sender wrote it, or NULL.
    sender BLOB,
    stored_at INTEGER NOT NULL,
    ciphertext BLOB NOT NULL
);
CREATE INDEX blobs_by_recipient ON blobs (recipient);

CREATE TABLE device_messages (
    sequence INTEGER PRIMARY KEY,
    client BLOB NOT NULL,
    device BLOB NOT NULL,
    -- The unsigned version minus 2^63, so that the signed order is the unsigned one.
    version INTEGER NOT NULL,
    sender_device BLOB NOT NULL,
    stored_at INTEGER NOT NULL,
    payload BLOB NOT NULL
);
CREATE INDEX device_messages_by_device ON device_messages (client, device, version);

CREATE TABLE proofs (
    key_hash BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    proof BLOB NOT NULL
);
CREATE INDEX proofs_by_expiry ON proofs (expires_at);
