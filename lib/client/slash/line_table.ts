// The commands of a person's line, all in one table.

import { ACCOUNT_COMMANDS } from "./account_commands.ts";
import { CHANGE_COMMANDS } from "./change_commands.ts";
import { COMMANDS, HELP_FOOTER } from "./commands.ts";
import { DESK_NOTE_COMMANDS } from "./desk_note_commands.ts";
import { FINDING_COMMANDS } from "./finding/finding_commands.ts";
import { MODERATION_COMMANDS } from "./moderation_commands.ts";
import { PEOPLE_COMMANDS } from "./people_commands.ts";
import { PLACE_COMMANDS } from "./place_commands.ts";
import { OWN_COMMANDS, type OwnTarget } from "./own_commands.ts";
import { SlashTable } from "./slash_table.ts";

export const LINE_TABLE: SlashTable<OwnTarget> = new SlashTable(
  {
    ...COMMANDS,
    ...DESK_NOTE_COMMANDS,
    ...PLACE_COMMANDS,
    ...FINDING_COMMANDS,
    ...OWN_COMMANDS,
    ...CHANGE_COMMANDS,
    ...PEOPLE_COMMANDS,
    ...ACCOUNT_COMMANDS,
    ...MODERATION_COMMANDS,
  },
  HELP_FOOTER,
);
