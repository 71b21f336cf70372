// A plugin for the tests, by the book: C2SP age-plugin. It wraps with a byte that is XORed, and speaks of what it is named
// after: `age-plugin-lethetest`. The identity says how it behaves.

import { createHmac } from "node:crypto";
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";

const machine = process.argv.find((word) => word.startsWith("--age-plugin="))?.slice(13);
if (machine !== "recipient-v1" && machine !== "identity-v1") process.exit(1);
const way = process.argv[1].match(/age-plugin-lethetest-?(\w*)/)?.[1] ?? "";
if (way === "early") process.exit(6);
if (way === "deaf") await new Promise((resolve) => setTimeout(resolve, 60_000));
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function read() {
  const { done, value } = await lines.next();
  if (done || !value.startsWith("-> ")) process.exit(2);
  let body = "";
  for (;;) {
    const { value: line } = await lines.next();
    body += line;
    if (line.length < 64) break;
  }
  return { args: value.slice(3).split(" "), body: Buffer.from(body, "base64") };
}

function send(args, body = Buffer.alloc(0)) {
  const text = Buffer.from(body).toString("base64").replace(/=+$/, "");
  const rows = text.match(/.{1,64}/g) ?? [];
  if (text.length % 64 === 0) rows.push("");
  writeSync(1, `-> ${args.join(" ")}\n${rows.join("\n")}\n`);
}

async function ask(args, body) {
  send(args, body);
  return await read();
}

const said = [];
for (;;) {
  const command = await read();
  if (command.args[0] === "done") break;
  said.push(command);
}
const flip = (bytes) => Buffer.from(bytes.map((byte) => byte ^ 0x5a));
const markOf = (salt, sealed) =>
  createHmac("sha256", "lethetest").update(salt).update(sealed).digest().subarray(0, 16);

if (way === "dies") process.exit(3);
if (way === "repeats") {
  writeSync(1, said.find(({ args }) => args[0] === "recipient-stanza").body);
  process.exit(0);
}
if (way === "silent") await new Promise((resolve) => setTimeout(resolve, 60_000));
if (way === "garbage") writeSync(1, "hello\n");
if (way === "arguments") writeSync(1, "-> msg  two spaces\n\n");
if (way === "large") {
  for (let count = 0; count < 40; count++) {
    await ask(["recipient-stanza", "0", "lethetest"], Buffer.alloc(30_000));
  }
}
if (way === "endless") for (;;) await ask(["grease"]);
if (way === "floods") for (;;) send(["grease"], Buffer.alloc(48));
if (way === "huge") writeSync(1, `-> msg\n${`${"A".repeat(64)}\n`.repeat(3000)}`);

const unknown = await ask(["grease-of-a-test", "x"], Buffer.from("nobody knows this"));
if (unknown.args[0] !== "unsupported") process.exit(4);
// What it must not get of the program that starts it.
const leak = process.env.LETHE_TEST_LEAK ?? "";
await ask(["msg"], Buffer.from(`touch your token: é${leak}`));
if (way === "pin") {
  const answer = await ask(["request-secret"], Buffer.from("PIN?"));
  if (answer.args[0] !== "ok" || answer.body.toString() !== "1234-5678-9012") {
    await ask(["error", "internal"], Buffer.from("wrong PIN"));
    send(["done"]);
    process.exit(0);
  }
}
if (machine === "recipient-v1") {
  const whom = said.find(({ args }) => /^add-(recipient|identity)$/.test(args[0]));
  const key = said.find(({ args }) => args[0] === "wrap-file-key");
  if (whom === undefined || key?.body.length !== 16) process.exit(5);
  const salt = Buffer.from(crypto.getRandomValues(new Uint8Array(16)));
  const sealed = flip(key.body.map((byte, at) => byte ^ salt[at]));
  const body = Buffer.concat([salt, markOf(salt, sealed), sealed]);
  await ask(["recipient-stanza", "0", "lethetest", "an-argument"], body);
} else {
  const stanzas = said.filter(({ args }) => args[0] === "recipient-stanza");
  for (const { args, body } of stanzas) {
    if (args[2] !== "lethetest") continue;
    if (args.length !== 4 || body.length !== 48) {
      await ask(["error", "stanza", "0", "0"], Buffer.from("malformed"));
      break;
    }
    const salt = body.subarray(0, 16);
    if (!markOf(salt, body.subarray(32)).equals(body.subarray(16, 32))) continue;
    const key = flip(body.subarray(32)).map((byte, at) => byte ^ body[at]);
    const given = way === "short" ? key.subarray(0, 15) : key;
    await ask(["file-key", way === "index" ? "1" : "0"], given);
    if (way === "twice") await ask(["file-key", "0"], key);
    break;
  }
}
send(["done"]);
process.exit(0);
