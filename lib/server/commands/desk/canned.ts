// canned: ready texts for operators, filled in for an inquiry (protocol §10).

import { authorize } from "../../../chat/access.ts";
import { fillText } from "../../../chat/desk/desk_settings.ts";
import { ChatError } from "../../../wire/errors.ts";
import { inquiryRoom } from "../../../wire/room_ref.ts";
import { type Command, type CommandResult, principalOf } from "../command.ts";

export const canned: Command<"canned"> = {
  needs: "operator",
  scope: "everything",
  bucket: "requests",
  async run({ name, inquiry = 0 }, context): Promise<CommandResult> {
    const { desk } = context.hub;
    const { texts } = desk.settings;
    if (name === undefined) return { reply: { type: "canned", names: [...texts.keys()] } };
    const operator = principalOf(context);
    const { room, asker } = await desk.find(operator, inquiry);
    authorize(operator, "respond", room, { name: inquiryRoom(inquiry), field: "inquiry" });
    const text = texts.get(name);
    if (text === undefined) {
      const message = `There is no ready text "${name}"`;
      throw new ChatError("bad_field", message, { field: "name" });
    }
    const content = fillText(text, { asker: asker.name, operator: operator.name, inquiry });
    return { reply: { type: "canned", name, inquiry, content } };
  },
};
