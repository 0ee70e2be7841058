-- SPDX-License-Identifier: GPL-3.0-or-later
-- The index of mailboxes as a table of its own, so that what was stored last can be kept out of it:
-- at a random place in the index, each new blob cost a page of it in its commit.

DROP INDEX blobs_by_recipient;
CREATE TABLE mailbox_index (
    recipient BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (recipient, sequence)
) WITHOUT ROWID;
INSERT INTO mailbox_index (recipient, sequence)
    SELECT recipient, sequence FROM blobs ORDER BY recipient, sequence;

-- Blobs above this sequence may be missing from the index; the relay knows them in memory.
ALTER TABLE state ADD COLUMN indexed_up_to INTEGER NOT NULL DEFAULT 0;
UPDATE state SET indexed_up_to = last_blob;
