// The seeded bugs of edits and deletes.

import { testNamed } from "./named_tests.ts";
import type { SeededBug } from "./seeded_bug.ts";

const WALK = testNamed(
  "tests/cluster/changes/walk_test.ts",
  "changes: two servers do what the model does, and nothing that is deleted is in a table",
);

export const CHANGE_BUGS: readonly SeededBug[] = [
  {
    number: 29,
    title: "a deleted text that stays in the row of its edit",
    patches: [{
      file: "lib/store/changes/targets.ts",
      search: "if (edited !== undefined) {",
      replace: 'if (edited !== undefined && event.body.kind === "edit") {',
    }],
    test: WALK,
    says: /Values are not equal/,
  },
  {
    number: 30,
    title: "a deleted text whose words stay in the index of the search",
    patches: [{
      file: "lib/store/search/indexing.ts",
      search: "messageId > backlog && messageId <= indexed && isSearched(before)",
      replace: "messageId > backlog && messageId > indexed && isSearched(before)",
    }],
    test: WALK,
    says: /Values are not equal/,
  },
  {
    number: 31,
    title: "a moderator who edits the messages of others",
    patches: [{
      file: "lib/store/changes/change_rules.ts",
      search: '(body.kind === "delete" && draft.isModerator === true)',
      replace: "draft.isModerator === true",
    }],
    test: testNamed("tests/protocol/changes_test.ts", "protocol 5.5: what may not be changed"),
    says: /Values are not equal/,
  },
  {
    number: 32,
    title: "a right that is asked before the message is there, not of the row",
    patches: [{
      file: "lib/store/changes/targets.ts",
      search: "return judgeChange(draft, this.#entries.get(keyOf(draft.room, seq))?.now);",
      replace: "return judgeChange(draft, this.#entries.get(keyOf(draft.room, seq))?.stored);",
    }],
    test: testNamed(
      "tests/store/changes/changes_test.ts",
      "changes: in one batch each counts for those after it",
    ),
    says: /Values are not equal/,
  },
];
