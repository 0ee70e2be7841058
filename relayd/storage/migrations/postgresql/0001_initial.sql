-- SPDX-License-Identifier: GPL-3.0-or-later
-- Run in one transaction, in the relay's own schema. Every table that grows begins its primary key
-- with the id whose mailbox it is, so that each can be partitioned by a hash of that id.

CREATE TABLE state (
    id integer PRIMARY KEY CHECK (id = 1),
    -- 16 bytes: encrypts sequences into the ids that clients see.
    id_key bytea NOT NULL,
    -- SHA-256 of the public Noise key that all relays of this database have.
    noise_key bytea
);

-- What is stored in all, as a sum over rows: each relay counts in one of its own, or they would all
-- wait for each other.
CREATE TABLE totals (
    slot integer PRIMARY KEY,
    blob_count bigint NOT NULL DEFAULT 0,
    blob_bytes bigint NOT NULL DEFAULT 0,
    device_message_count bigint NOT NULL DEFAULT 0,
    device_message_bytes bigint NOT NULL DEFAULT 0,
    proof_count bigint NOT NULL DEFAULT 0,
    proof_bytes bigint NOT NULL DEFAULT 0,
    proven_id_count bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);
INSERT INTO totals (slot) SELECT generate_series(0, 63);

-- One row for each mailbox that holds something. Whoever changes a mailbox holds its row locked until
-- the commit: it is what puts the stores of several relays in one order, and where quotas are kept.
CREATE TABLE mailboxes (
    recipient bytea PRIMARY KEY,
    item_count bigint NOT NULL,
    item_bytes bigint NOT NULL
) WITH (fillfactor = 70);

-- Taken while the row of the mailbox is locked, so within a mailbox these numbers are in order of
-- commit; never given out twice, also when a mailbox was empty in between.
CREATE SEQUENCE blob_sequence;

CREATE TABLE blobs (
    recipient bytea NOT NULL,
    sequence bigint NOT NULL,
    -- 32 bytes, 40 with the case in which the sender wrote it, or NULL.
    sender bytea,
    stored_at bigint NOT NULL,
    ciphertext bytea NOT NULL,
    PRIMARY KEY (recipient, sequence)
);
-- What is encrypted cannot be compressed.
ALTER TABLE blobs ALTER COLUMN ciphertext SET STORAGE EXTERNAL;
CREATE INDEX blobs_by_age ON blobs (stored_at);

CREATE TABLE device_queues (
    client bytea NOT NULL,
    device bytea NOT NULL,
    item_count bigint NOT NULL,
    item_bytes bigint NOT NULL,
    PRIMARY KEY (client, device)
) WITH (fillfactor = 70);

CREATE SEQUENCE device_message_sequence;

CREATE TABLE device_messages (
    client bytea NOT NULL,
    device bytea NOT NULL,
    sequence bigint NOT NULL,
    -- The unsigned version minus 2^63, so that the signed order is the unsigned one.
    version bigint NOT NULL,
    sender_device bytea NOT NULL,
    stored_at bigint NOT NULL,
    payload bytea NOT NULL,
    PRIMARY KEY (client, device, sequence)
);
ALTER TABLE device_messages ALTER COLUMN payload SET STORAGE EXTERNAL;
CREATE INDEX device_messages_by_age ON device_messages (stored_at);

CREATE TABLE proofs (
    key_hash bytea PRIMARY KEY,
    expires_at bigint NOT NULL,
    proof bytea NOT NULL
);
CREATE INDEX proofs_by_expiry ON proofs (expires_at);

CREATE TABLE proven_ids (
    id bytea PRIMARY KEY,
    -- Unix milliseconds of the last signed handshake, to within a day.
    proven_at bigint NOT NULL
);
CREATE INDEX proven_ids_by_time ON proven_ids (proven_at);

-- Digests of the nonces of signed handshakes, for as long as one could be played back.
CREATE TABLE nonces (
    digest bytea PRIMARY KEY,
    seen_at bigint NOT NULL
);
CREATE INDEX nonces_by_time ON nonces (seen_at);
