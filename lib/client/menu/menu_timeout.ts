// How long an item of the menu waits for the server.

export const MENU_TIMEOUT_MS = 30_000;
