-- The words of messages, as the tokenizer of the search writes them. In the index are the messages with ids
-- above search_backlog up to search_indexed; older ones are added in the background, the newest first.

CREATE TABLE MessageWords (
  room_id INT NOT NULL,
  seq BIGINT NOT NULL,
  words MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (room_id, seq),
  FULLTEXT KEY MessageWords_by_word (words)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT INTO Meta (name, value)
  SELECT 'search_backlog', COALESCE(MAX(message_id), 0) FROM Messages
  HAVING NOT EXISTS (SELECT 1 FROM Meta WHERE name = 'search_backlog');

INSERT INTO Meta (name, value)
  SELECT 'search_indexed', COALESCE(MAX(message_id), 0) FROM Messages
  HAVING NOT EXISTS (SELECT 1 FROM Meta WHERE name = 'search_indexed');
