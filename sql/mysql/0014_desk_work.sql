-- Who works on an inquiry: seen is when an operator saw it first, snoozed_until the time until which it is
-- out of the queue. A resolved one is closed at the time of that, until it is reopened.

ALTER TABLE Inquiries
  ADD COLUMN seen BIGINT,
  ADD COLUMN snoozed_until BIGINT,
  ADD KEY Inquiries_queue (snoozed_until, waiting_since, inquiry_id);
