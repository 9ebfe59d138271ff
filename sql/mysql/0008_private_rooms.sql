-- Private rooms and direct conversations are rooms of their own kinds. removals counts how many
-- memberships of a room have ended: a server that sees it changed asks again who is a member. low_id and
-- high_id are the two users of a direct conversation, whose names may change.

ALTER TABLE Rooms
  ADD COLUMN removals BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN low_id INT,
  ADD COLUMN high_id INT;
