-- A message keeps the name under which it was said. A guest's name is theirs while a token of theirs
-- lives: name_key and name_skeleton are set for accounts and for such guests. An inquiry keeps the seq
-- of its latest question.

ALTER TABLE Messages ADD COLUMN author TEXT NOT NULL DEFAULT '';

ALTER TABLE Messages ADD COLUMN is_guest INTEGER NOT NULL DEFAULT 0;

UPDATE Messages SET (author, is_guest) =
  (SELECT u.username, u.role = 'guest' FROM Users u WHERE u.user_id = Messages.user_id)
  WHERE user_id IN (SELECT user_id FROM Users);

ALTER TABLE Users ADD COLUMN name_skeleton TEXT;

CREATE UNIQUE INDEX Users_by_skeleton ON Users (name_skeleton);

-- Of accounts that look alike, the oldest has the skeleton; all keep their keys.
UPDATE Users SET name_skeleton =
  LOWER(REPLACE(REPLACE(REPLACE(username, '0', 'O'), '1', 'l'), 'I', 'l'))
  WHERE user_id IN (
    SELECT MIN(user_id) FROM Users WHERE name_key IS NOT NULL
    GROUP BY LOWER(REPLACE(REPLACE(REPLACE(username, '0', 'O'), '1', 'l'), 'I', 'l'))
  );

CREATE TABLE LivingNames (
  user_id INTEGER PRIMARY KEY,
  name_key TEXT NOT NULL,
  name_skeleton TEXT NOT NULL,
  latest TEXT NOT NULL
) STRICT;

CREATE INDEX LivingNames_by_key ON LivingNames (name_key, latest);

CREATE INDEX LivingNames_by_skeleton ON LivingNames (name_skeleton, latest);

INSERT INTO LivingNames (user_id, name_key, name_skeleton, latest)
  SELECT u.user_id, LOWER(u.username),
    LOWER(REPLACE(REPLACE(REPLACE(u.username, '0', 'O'), '1', 'l'), 'I', 'l')),
    printf('%015d%012d', MAX(t.last_used), u.user_id)
  FROM Users u JOIN Tokens t ON t.user_id = u.user_id
  WHERE u.role = 'guest'
  GROUP BY u.user_id;

DELETE FROM LivingNames WHERE name_key IN (SELECT name_key FROM Users WHERE name_key IS NOT NULL);

DELETE FROM LivingNames
  WHERE name_skeleton IN (SELECT name_skeleton FROM Users WHERE name_skeleton IS NOT NULL);

-- Of guests who bear one name, it stays with whoever used their token last.
DELETE FROM LivingNames WHERE latest <
  (SELECT MAX(other.latest) FROM LivingNames other WHERE other.name_key = LivingNames.name_key);

DELETE FROM LivingNames WHERE latest < (
  SELECT MAX(other.latest) FROM LivingNames other
  WHERE other.name_skeleton = LivingNames.name_skeleton
);

UPDATE Users SET (name_key, name_skeleton) =
  (SELECT l.name_key, l.name_skeleton FROM LivingNames l WHERE l.user_id = Users.user_id)
  WHERE user_id IN (SELECT user_id FROM LivingNames);

DROP TABLE LivingNames;

ALTER TABLE Inquiries ADD COLUMN asked_seq INTEGER;

UPDATE Inquiries SET asked_seq = (
  SELECT MAX(m.seq) FROM Messages m WHERE m.room_id = Inquiries.room_id AND m.kind = 'message'
);

CREATE INDEX Inquiries_open ON Inquiries (asker_id, waiting_since, opened);
