// Codes: for new accounts, for new passwords, for further devices. A code is printed once, alone on
// stdout.

import { formatCodes } from "./tables.ts";
import { describeCode, formatCode } from "../client/output/people_wording.ts";
import type { ActionOf } from "../config/people/admin_command.ts";
import type { ClientFrame } from "../wire/frame.ts";
import type { CodeSummary } from "../wire/frames/credentials.ts";
import type { AdminSession } from "./admin_session.ts";
import { type Report, withoutRequestId } from "./report.ts";

export function createJoinCode(
  session: AdminSession,
  { rooms, role, uses, expiresMs }: ActionOf<"code join">,
): Promise<Report> {
  return create(session, {
    type: "code",
    kind: "join",
    rooms: rooms.length === 0 ? undefined : rooms,
    role,
    uses,
    expires_ms: expiresMs,
  });
}

export function createResetCode(
  session: AdminSession,
  { user, expiresMs }: ActionOf<"code reset">,
): Promise<Report> {
  return create(session, { type: "code", kind: "reset", user, expires_ms: expiresMs });
}

export function createDeviceCode(
  session: AdminSession,
  { expiresMs }: ActionOf<"code device">,
): Promise<Report> {
  return create(session, { type: "code", kind: "device", expires_ms: expiresMs });
}

async function create(session: AdminSession, request: ClientFrame<"code">): Promise<Report> {
  const code = await session.request(request);
  return {
    objects: [withoutRequestId(code)],
    text: `${formatCode(code)}\n`,
    notes: [`${describeCode(code)}; they enter it with "client join"`],
  };
}

export async function listCodes(session: AdminSession): Promise<Report> {
  const codes = await session.readAll<CodeSummary>(async (last) => {
    const page = await session.request({ type: "codes", after: last?.id });
    return { items: page.codes, more: page.more };
  });
  if (codes.length === 0) return { objects: [], notes: ["No codes can be used"] };
  return { objects: codes, text: formatCodes(codes) };
}

export async function revokeCode(
  session: AdminSession,
  { id }: ActionOf<"code revoke">,
): Promise<Report> {
  const ok = await session.request({ type: "revoke_code", code: id });
  return { objects: [withoutRequestId(ok)], notes: [`Code ${id} can no longer be used`] };
}
