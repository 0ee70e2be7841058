-- SPDX-License-Identifier: GPL-3.0-or-later
-- A database of schema 2, empty, as version 0.1.0 wrote it with migration 2: sqlite3 relay.db .dump
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA application_id = 1448242297;
PRAGMA user_version = 2;
BEGIN TRANSACTION;
CREATE TABLE state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    id_key BLOB NOT NULL,
    last_blob INTEGER NOT NULL DEFAULT 0,
    last_device_message INTEGER NOT NULL DEFAULT 0,
    last_time INTEGER NOT NULL DEFAULT 0,
    blob_count INTEGER NOT NULL DEFAULT 0,
    blob_bytes INTEGER NOT NULL DEFAULT 0,
    device_message_count INTEGER NOT NULL DEFAULT 0,
    device_message_bytes INTEGER NOT NULL DEFAULT 0,
    proof_count INTEGER NOT NULL DEFAULT 0,
    proof_bytes INTEGER NOT NULL DEFAULT 0
, proven_id_count INTEGER NOT NULL DEFAULT 0);
INSERT INTO state VALUES(1,X'94dc54c53c18758cedb47356a0c5ebd8',0,0,0,0,0,0,0,0,0,0);
CREATE TABLE blobs (
    sequence INTEGER PRIMARY KEY,
    recipient BLOB NOT NULL,
    sender BLOB,
    stored_at INTEGER NOT NULL,
    ciphertext BLOB NOT NULL
);
CREATE TABLE device_messages (
    sequence INTEGER PRIMARY KEY,
    client BLOB NOT NULL,
    device BLOB NOT NULL,
    version INTEGER NOT NULL,
    sender_device BLOB NOT NULL,
    stored_at INTEGER NOT NULL,
    payload BLOB NOT NULL
);
CREATE TABLE proofs (
    key_hash BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    proof BLOB NOT NULL
);
CREATE TABLE proven_ids (
    id BLOB PRIMARY KEY,
    proven_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX blobs_by_recipient ON blobs (recipient);
CREATE INDEX device_messages_by_device ON device_messages (client, device, version);
CREATE INDEX proofs_by_expiry ON proofs (expires_at);
CREATE INDEX proven_ids_by_time ON proven_ids (proven_at);
COMMIT;
