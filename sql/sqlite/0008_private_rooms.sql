-- Private rooms and direct conversations are rooms of their own kinds. removals counts how many
-- memberships of a room have ended: a server that sees it changed asks again who is a member. low_id and
-- high_id are the two users of a direct conversation, whose names may change.

ALTER TABLE Rooms ADD COLUMN removals INTEGER NOT NULL DEFAULT 0;

ALTER TABLE Rooms ADD COLUMN low_id INTEGER REFERENCES Users (user_id);

ALTER TABLE Rooms ADD COLUMN high_id INTEGER REFERENCES Users (user_id);
