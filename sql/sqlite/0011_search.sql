-- The words of messages, as the tokenizer of the search writes them. In the index are the messages with ids
-- above search_backlog up to search_indexed; older ones are added in the background, the newest first.

CREATE VIRTUAL TABLE MessageWords USING fts5 (
  words, content = '', contentless_delete = 1, tokenize = 'unicode61'
);

INSERT INTO Meta (name, value)
  SELECT 'search_backlog', CAST(COALESCE(MAX(message_id), 0) AS TEXT) FROM Messages
  HAVING NOT EXISTS (SELECT 1 FROM Meta WHERE name = 'search_backlog');

INSERT INTO Meta (name, value)
  SELECT 'search_indexed', CAST(COALESCE(MAX(message_id), 0) AS TEXT) FROM Messages
  HAVING NOT EXISTS (SELECT 1 FROM Meta WHERE name = 'search_indexed');
