-- Messages that were changed: their row has the text as it is now, and says which event of their room has
-- edited or deleted it last. EditMentions lists the members whom an edit was the first to name. The index
-- of the search is made anew, as one that gives up the words of a text when it is deleted; it is filled in
-- the background. LongMessageWords has the words of long messages, which that index would give up slowly.

ALTER TABLE Messages ADD COLUMN edited_seq INTEGER;

ALTER TABLE Messages ADD COLUMN deleted_seq INTEGER;

CREATE TABLE EditMentions (
  room_id INTEGER NOT NULL REFERENCES Rooms (room_id),
  seq INTEGER NOT NULL,
  user_id INTEGER NOT NULL REFERENCES Users (user_id),
  PRIMARY KEY (room_id, seq, user_id)
) STRICT, WITHOUT ROWID;

DROP TABLE IF EXISTS MessageWords;

CREATE VIRTUAL TABLE MessageWords USING fts5 (words, content = '', tokenize = 'unicode61');

INSERT INTO MessageWords (MessageWords, rank) VALUES ('secure-delete', 1);

CREATE TABLE LongMessageWords (
  message_id INTEGER PRIMARY KEY,
  words TEXT NOT NULL
) STRICT;

UPDATE Meta SET value = (SELECT CAST(COALESCE(MAX(message_id), 0) AS TEXT) FROM Messages)
  WHERE name IN ('search_backlog', 'search_indexed');
