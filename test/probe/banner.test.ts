/**
 * Banner probes against real programs: what proves that one runs, and what only its kernel can say.
 */
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect } from "node:net";
import { createServer as createTlsServer, type SecureVersion } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { askBanner } from "../../shared/probe/banner.ts";
import { helloOf } from "../../shared/probe/hello.ts";
import { BANNER_CHARACTERS_MAX, isWholeSpeech, speechOf } from "../../shared/probe/speech.ts";
import { certificate, key } from "./certificate.ts";
import { speaker, speakerOf, startSshLike, type Speaker } from "./speakers.ts";

const open: { close(): Promise<void> }[] = [];
const keep = async <T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> => {
  const opened = await opening;
  open.push(opened);
  return opened;
};
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const ask = (port: number, limitMs = 7_000): ReturnType<typeof askBanner> =>
  askBanner("127.0.0.1", port, { limitMs });

/** The first bytes that a program on `host` says to the hello of `port`. */
async function answerToHello(port: number, spoken: Speaker, name: string): Promise<Buffer> {
  const socket = connect(spoken.port, "127.0.0.1");
  socket.write(helloOf(port, name) ?? "");
  const [bytes] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return bytes;
}

describe("a program that speaks first", () => {
  it("is alive, with its first line", async () => {
    const ssh = await keep(startSshLike());
    expect(await ask(ssh.port)).toEqual({
      verdict: "alive",
      detail: "connected",
      roundTripMs: expect.any(Number) as number,
      banner: "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3",
    });
  });

  it("on a port of no known use it is sent nothing", async () => {
    const silent = await keep(speaker(() => undefined));
    const asked = ask(silent.port, 700);
    expect(await asked).toMatchObject({ verdict: "alive", detail: "connected" });
    expect(silent.connections()).toBe(1);
    expect(silent.heard()).toHaveLength(0);
  });

  it("that ends its line never is still a program", async () => {
    const halting = await keep(speaker((socket) => socket.write("220 mail.example")));
    expect(await ask(halting.port)).toMatchObject({ verdict: "alive", banner: "220 mail.example" });
  });

  it("in pieces is heard as one line", async () => {
    const slow = await keep(
      speaker((socket) => {
        socket.setNoDelay(true);
        socket.write("SSH-2.0-", () => setImmediate(() => socket.write("dropbear_2022.83\r\n")));
      }),
    );
    expect(await ask(slow.port)).toMatchObject({ banner: "SSH-2.0-dropbear_2022.83" });
  });

  it("and closes at once was heard", async () => {
    const brief = await keep(speaker((socket) => socket.end("421 too many\r\n")));
    expect(await ask(brief.port)).toMatchObject({ verdict: "alive", banner: "421 too many" });
  });

  it("without end is heard no further than it takes", async () => {
    const flood = await keep(
      speaker((socket) => {
        const pour = (): void => {
          while (!socket.destroyed && socket.write(Buffer.alloc(65_536, "x")));
        };
        socket.on("drain", pour);
        pour();
      }),
    );
    const answer = await ask(flood.port);
    expect(answer.banner).toBe("x".repeat(BANNER_CHARACTERS_MAX));
  });
});

describe("a program that does not speak", () => {
  it("because it stands still: alive by its kernel, without a banner, until it goes on", async () => {
    const ssh = await keep(startSshLike());
    ssh.freeze();
    expect(await ask(ssh.port, 1_500)).toEqual({
      verdict: "alive",
      detail: "connected",
      roundTripMs: expect.any(Number) as number,
    });
    ssh.thaw();
    expect((await ask(ssh.port)).banner).toMatch(/^SSH-/);
  });

  it("but ends the connection is no frozen one: closed", async () => {
    const closing = await keep(speaker((socket) => socket.end()));
    expect(await ask(closing.port)).toMatchObject({ verdict: "alive", detail: "closed" });
    const resetting = await keep(speaker((socket) => socket.resetAndDestroy()));
    const answer = await ask(resetting.port);
    expect(answer).toMatchObject({ verdict: "alive", detail: "closed" });
    expect(answer.banner).toBeUndefined();
  });

  it("because nobody listens: refused, and alive", async () => {
    const gone = await speaker(() => undefined);
    await gone.close();
    const answer = await ask(gone.port);
    expect(answer).toMatchObject({ verdict: "alive", detail: "refused" });
    expect(answer.banner).toBeUndefined();
  });

  it("cancelled, before and under way, it says nothing of the host", async () => {
    const silent = await keep(speaker(() => undefined));
    const signal = AbortSignal.abort();
    const nothing = { verdict: "none", detail: "cancelled", roundTripMs: null };
    expect(await askBanner("127.0.0.1", silent.port, { limitMs: 7_000, signal })).toEqual(nothing);
    const cancel = new AbortController();
    const asked = askBanner("127.0.0.1", silent.port, { limitMs: 7_000, signal: cancel.signal });
    await expect.poll(() => silent.connections(), { timeout: 5_000 }).toBe(1);
    cancel.abort();
    expect(await asked).toEqual(nothing);
  });
});

describe("a stalled prober", () => {
  it("reads what waited for it before it calls a program silent", async () => {
    const ssh = await keep(startSshLike());
    const asked = ask(ssh.port, 400);
    // Connected, but the greeting is not read: this process now stands still past the time limit.
    await new Promise(setImmediate);
    const untilMs = performance.now() + 900;
    while (performance.now() < untilMs);
    expect(await asked).toMatchObject({ verdict: "alive", banner: expect.stringMatching(/^SSH-/) as string });
  });
});

describe("who waits to be spoken to", () => {
  it.each<[SecureVersion, string]>([
    ["TLSv1.2", "10.0.4.2"],
    ["TLSv1.2", "panel.example"],
    ["TLSv1.3", "10.0.4.2"],
    ["TLSv1.3", "panel.example"],
  ])("%s for %s answers the hello with a handshake, not with an alert", async (version, name) => {
    const server = createTlsServer({ cert: certificate, key, minVersion: version, maxVersion: version });
    server.on("tlsClientError", () => undefined);
    const tls = await keep(speakerOf(server));
    const bytes = await answerToHello(443, tls, name);
    expect(bytes[0]).toBe(22);
    expect(speechOf(bytes)).toBe("TLS");
  });

  it("TLS hears the name that it is asked by", async () => {
    let named: string | null = null;
    const server = createTlsServer({
      cert: certificate,
      key,
      SNICallback: (name, done) => {
        named = name;
        done(null);
      },
    });
    server.on("tlsClientError", () => undefined);
    await answerToHello(8443, await keep(speakerOf(server)), "panel.example");
    expect(named).toBe("panel.example");
  });

  it("HTTP answers with its status, and hears by whose name", async () => {
    const asked: unknown[] = [];
    const server = createHttpServer((request, response) => {
      asked.push([request.method, request.url, request.headers.host]);
      response.writeHead(404).end();
    });
    const http = await keep(speakerOf(server));
    expect(speechOf(await answerToHello(8080, http, "panel.example"))).toBe("HTTP 404");
    expect(speechOf(await answerToHello(80, http, "fd00::2"))).toBe("HTTP 404");
    expect(asked).toEqual([
      ["HEAD", "/", "panel.example"],
      ["HEAD", "/", "[fd00::2]"],
    ]);
  });

  it("RDP confirms a connection request that is well formed", async () => {
    const rdp = await keep(
      speaker((socket) =>
        socket.once("data", (bytes) => {
          // TPKT of its own length, X.224 connection request.
          const isRequest = bytes[0] === 3 && bytes.readUInt16BE(2) === bytes.length && bytes[5] === 0xe0;
          if (isRequest) socket.write(Buffer.from("030000130ed000001234000209080002000000", "hex"));
        }),
      ),
    );
    expect(speechOf(await answerToHello(3389, rdp, "10.0.4.2"))).toBe("RDP");
  });

  it("is spoken to over the connection of a probe", async () => {
    const port = 8443;
    const server = createTlsServer({ cert: certificate, key });
    server.on("tlsClientError", () => undefined);
    // An address of our own, so that the well-known port is free.
    await keep(speakerOf(server, { port, host: "127.113.7.3" }));
    expect(await askBanner("127.113.7.3", port, { limitMs: 7_000 })).toMatchObject({
      verdict: "alive",
      banner: "TLS",
    });
  });
});

describe("what first bytes say", () => {
  const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

  it.each([
    ["an SSH greeting", "SSH-2.0-OpenSSH_9.2p1\r\n", "SSH-2.0-OpenSSH_9.2p1"],
    ["a web server", "HTTP/1.1 503 Service Unavailable\r\nServer: x\r\n", "HTTP 503"],
    ["a TLS hello", "\x16\x03\x03\x00\x7a\x02", "TLS"],
    ["a TLS alert", "\x15\x03\x01\x00\x02\x02\x28", "TLS"],
    ["a database's greeting", "\x4a\x00\x00\x00\x0a8.0.36-0ubuntu\x00\x1c\x00\x00\x00", "8.0.36-0ubuntu"],
    ["a short word", "OK\n", "OK"],
    ["nothing readable", "\x00\x01\xff\xfe", "binary"],
    ["spaces alone", "        \r\n", "binary"],
    ["codes for terminals and markup", "\x1b[31m<b>hi  there</b>\x07\r\nmore", "[31m<b>hi there</b>"],
    ["letters beyond ASCII", "Grüße\n", "Gr e"],
  ])("%s", (_, said, means) => {
    expect(speechOf(bytes(said))).toBe(means);
  });

  it("no bytes say nothing", () => {
    expect(speechOf(Buffer.alloc(0))).toBeNull();
  });

  it("are enough with a line, a record's head, or when they are many", () => {
    expect(isWholeSpeech(bytes("SSH-2.0"))).toBe(false);
    expect(isWholeSpeech(bytes("SSH-2.0\n"))).toBe(true);
    expect(isWholeSpeech(bytes("\x16\x03\x01"))).toBe(true);
    expect(isWholeSpeech(Buffer.alloc(512, "x"))).toBe(true);
  });
});
