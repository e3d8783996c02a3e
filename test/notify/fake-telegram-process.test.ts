/**
 * The fake as a process of its own: everything tests do with it goes through the control door.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

interface Doors {
  readonly apiRoot: string;
  readonly control: string;
  readonly token: string;
}

/** Starts one, hands over its doors, and ends it by its own id. */
async function withProcess(use: (doors: Doors) => Promise<void>): Promise<void> {
  const main = fileURLToPath(new URL("../fakes/telegram/main.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", main, "--port", "0", "--control-port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  try {
    const line = await new Promise<string>((resolve) => createInterface(child.stdout).once("line", resolve));
    await use(JSON.parse(line) as Doors);
  } finally {
    child.kill("SIGTERM");
  }
  expect(await ended).toBe(0);
}

describe("the fake as a process of its own", () => {
  it("is driven through its control door, also while its Bot API refuses connections", () =>
    withProcess(async ({ apiRoot, control, token }) => {
      const post = async (path: string, body: unknown) =>
        (await fetch(`${control}/${path}`, { method: "POST", body: JSON.stringify(body) })).status;
      const sendText = (text: string) =>
        fetch(`${apiRoot}/bot${token}/sendMessage`, {
          method: "POST",
          body: new URLSearchParams({ chat_id: "5", text }),
        });
      expect(await post("chats", { id: 5, type: "private", title: "Budi" })).toBe(200);
      const waiting = fetch(`${control}/wait?count=1&contains=satu&timeoutMs=20000`);
      expect((await sendText("satu")).status).toBe(200);
      expect(await (await waiting).json()).toMatchObject([{ text: "satu", chatId: 5, messageId: 1 }]);
      expect(
        await post("faults", { method: "sendMessage", fault: { kind: "server_error", when: "after" } }),
      ).toBe(200);
      expect((await sendText("dua")).status).toBe(502);
      expect(await post("refuse", {})).toBe(200);
      await expect(sendText("tiga")).rejects.toThrow("fetch failed");
      expect(await post("accept", {})).toBe(200);
      expect(await post("membership", { chatId: 5, membership: "blocked" })).toBe(200);
      expect((await sendText("empat")).status).toBe(403);
      expect(await post("say", { chatId: 6, text: "/start x" })).toBe(200);
      const transcript = await (await fetch(`${control}/transcript`)).text();
      expect(transcript).toContain("═══ Budi");
      expect(transcript).toContain("│ dua");
      expect(transcript).not.toContain("tiga");
      expect((await fetch(`${control}/wait?count=9&timeoutMs=1`)).status).toBe(504);
      expect((await fetch(`${control}/nothing`)).status).toBe(404);
    }));

  it("lets people act through it, and shows the page of what they saw", () =>
    withProcess(async ({ apiRoot, control, token }) => {
      const post = async (path: string, body: unknown) => {
        const answer = await fetch(`${control}/${path}`, { method: "POST", body: JSON.stringify(body) });
        return (await answer.json()) as { ok: boolean; id?: string; updateId?: number };
      };
      const get = async (path: string) => (await fetch(`${control}/${path}`)).json();
      const call = async (method: string, values: object) => {
        const body = JSON.stringify(values);
        const headers = { "content-type": "application/json" };
        return (await fetch(`${apiRoot}/bot${token}/${method}`, { method: "POST", headers, body })).json();
      };
      const by = { chatId: -1008, fromId: 6, fromName: "Budi" };
      expect(await post("add", { ...by, title: "Cabang", topics: { 3: "Server" } })).toMatchObject({
        ok: true,
      });
      expect(await post("promote", { ...by, canPin: true })).toMatchObject({ ok: true });
      const reply_markup = { inline_keyboard: [[{ text: "Mine", callback_data: "ack" }]] };
      const place = { chat_id: -1008, message_thread_id: 3 };
      expect(await call("sendMessage", { ...place, text: "MATI", reply_markup })).toMatchObject({ ok: true });
      const [{ messageId }] = (await get("ledger")) as [{ messageId: number }];
      const { id } = await post("press", { ...by, button: "Mine" });
      expect(await call("answerCallbackQuery", { callback_query_id: id, text: "tercatat" })).toMatchObject({
        ok: true,
      });
      expect(await get("presses")).toMatchObject([
        { id, by: { name: "Budi" }, answer: { text: "tercatat" } },
      ]);
      expect(await call("pinChatMessage", { chat_id: -1008, message_id: messageId })).toMatchObject({
        ok: true,
      });
      expect((await post("react", { ...by, messageId, emoji: "🙏" })).updateId).toBeGreaterThan(0);
      expect((await post("membership", { chatId: -1008, canPin: false })).ok).toBe(true);
      expect(await call("unpinChatMessage", { chat_id: -1008 })).toMatchObject({ error_code: 400 });
      expect(await post("say", { ...by, threadId: 3, text: "obrolan" })).toMatchObject({ updateId: 0 });
      expect(await post("settings", { inlineMode: true, privacyMode: false })).toMatchObject({ ok: true });
      expect((await post("say", { ...by, threadId: 3, text: "obrolan" })).updateId).toBeGreaterThan(0);
      const inline = await post("inline", { fromId: 6, query: "kasir" });
      expect(await get("inline")).toMatchObject([{ id: inline.id, answer: null }]);
      await call("setMyCommands", { commands: [{ command: "status", description: "d" }] });
      expect(await get("commands")).toMatchObject([
        { scope: { type: "default" }, commands: [{ command: "status" }] },
      ]);
      await post("say", { chatId: 7, fromName: "Sari", text: "/start" });
      expect((await post("block", { chatId: 7 })).updateId).toBeGreaterThan(0);
      expect((await post("unblock", { chatId: 7 })).updateId).toBeGreaterThan(0);
      expect((await post("kick", by)).updateId).toBeGreaterThan(0);
      expect((await fetch(`${control}/press`, { method: "POST", body: JSON.stringify(by) })).status).toBe(
        400,
      );

      expect(await get("world")).toMatchObject({ chats: [{ title: "Cabang" }, { title: "Sari" }] });
      const page = await fetch(`${control}/page?zone=Asia/Jayapura`);
      expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
      const html = await page.text();
      for (const part of ["› Server", "<p>tercatat</p>", "obrolan", "Asia/Jayapura", "the bot is kicked"])
        expect(html).toContain(part);
      expect((await fetch(`${control}/page?zone=Mars`)).status).toBe(400);
      expect(await (await fetch(`${control}/transcript?all`)).text()).toContain("from Budi");
    }));
});
