import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { get } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noPostgres, Postgres } from "../../testing/examples/recipes/postgres.ts";
import { SOAK } from "../../testing/tier.ts";

const PROGRAMS = import.meta.dirname;
const NO_USING = process.versions.node.startsWith("22.");

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-recipes-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file that only its owner reads. */
function keep(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o400 });
  return path;
}

async function run(name: string, ...parameters: readonly string[]): Promise<string> {
  const child = start(name, parameters);
  const [chunks, complaints] = [child.stdout, child.stderr].map((stream) => stream?.toArray());
  const [status] = (await once(child, "close")) as [number];
  expect([status, Buffer.concat((await complaints) ?? []).toString()], name).toEqual([0, ""]);
  return Buffer.concat((await chunks) ?? []).toString();
}

function start(name: string, parameters: readonly string[]): ChildProcess {
  return spawn(process.execPath, [join(PROGRAMS, name), ...parameters]);
}

it("docs/recipes.md shows these programs, word for word", () => {
  const guide = readFileSync(join(PROGRAMS, "../../docs/recipes.md"), "utf8");
  const shown = [...guide.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, source]) => source);
  const programs = readdirSync(PROGRAMS)
    .filter((name) => !name.endsWith(".test.ts"))
    .map((name) => readFileSync(join(PROGRAMS, name), "utf8"));
  expect(shown.toSorted()).toEqual(programs.toSorted());
});

describe.skipIf(NO_USING)("recipes", () => {
  it("read_token.ts leaves the newline out, and needs none", async () => {
    const [with6, with5] = [keep("with", "tok12\n"), keep("without", "tok12")];
    expect(await run("read_token.ts", with6)).toBe("SecretBuffer(5 bytes, guarded, redacted)\n");
    if (!SOAK) return;
    expect(await run("read_token.ts", with5)).toBe("SecretBuffer(5 bytes, guarded, redacted)\n");
  });
});

describe.skipIf(NO_USING || !SOAK)("recipes, in the soak", () => {
  it("read_token.ts reads what Kubernetes and systemd place", async () => {
    const volume = join(folder, "volume");
    mkdirSync(join(volume, "..2026"), { recursive: true });
    writeFileSync(join(volume, "..2026/token"), "tok12\n", { mode: 0o440 });
    symlinkSync("..2026", join(volume, "..data"));
    symlinkSync("..data/token", join(volume, "token"));
    const credential = keep("credential", "tok12\n");
    const said = "SecretBuffer(5 bytes, guarded, redacted)\n";
    expect(await run("read_token.ts", join(volume, "token"), "kubernetes")).toBe(said);
    expect(await run("read_token.ts", credential, "systemd")).toBe(said);
  });

  const unshared = spawnSync("unshare", ["-m", "true"]).status === 0;
  const why = unshared ? "" : " (not run: unshare -m is not allowed)";
  it.skipIf(!unshared)(`read_token.ts reads a read-only mount as of Compose${why}`, () => {
    const source = keep("source", "tok12\n");
    chmodSync(source, 0o444);
    mkdirSync(join(folder, "secrets"), { mode: 0o755 });
    const place = join(folder, "secrets/token");
    writeFileSync(place, "");
    const script = `mount --bind "$1" "$2" && mount -o remount,bind,ro "$2" && exec "$3" "$4" "$2" compose`;
    const program = join(PROGRAMS, "read_token.ts");
    const words = ["-m", "sh", "-c", script, "sh", source, place, process.execPath, program];
    const { stdout, stderr } = spawnSync("unshare", words, { encoding: "utf8" });
    expect(stderr + stdout).toBe("SecretBuffer(5 bytes, guarded, redacted)\n");
  });

  it.skipIf(noPostgres !== null)(
    `postgres.ts connects to a real server${noPostgres === null ? "" : ` (not run: ${noPostgres})`}`,
    async () => {
      const postgres = await Postgres.start("pass12");
      try {
        expect(await run("postgres.ts", keep("pass", "pass12"), postgres.socket)).toBe("app\n");
        const wrong = start("postgres.ts", [keep("wrong", "pass13"), postgres.socket]);
        expect((await once(wrong, "close"))[0]).toBe(1);
      } finally {
        await postgres.stop();
      }
    },
  );

  it("tls_server.ts serves under the key", async () => {
    const [key, certificate] = ["tls.key", "tls.crt"].map((name) => join(folder, name)) as [
      string,
      string,
    ];
    const made = spawnSync("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
      ...["-keyout", key, "-out", certificate],
    ]);
    expect(made.status).toBe(0);
    const server = start("tls_server.ts", [key, certificate]);
    try {
      const [port] = (await once(server.stdout as NodeJS.EventEmitter, "data")) as [Buffer];
      const request = get({
        ...{ host: "localhost", port: Number(port) },
        ca: readFileSync(certificate),
      });
      const [response] = (await once(request, "response")) as [NodeJS.ReadableStream];
      let text = "";
      for await (const chunk of response) text += chunk;
      expect(text).toBe("hello");
    } finally {
      server.kill();
    }
  });

  it("http_header.ts sends the token", async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.headers.authorization === "Bearer tok12" ? 204 : 401;
      response.end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect(await run("http_header.ts", keep("bearer", "tok12"), url)).toBe("204\n");
    server.close();
  });

  it("sign_jwt.ts, custodian_jwt.ts, sealed_cookies.ts and capacity.ts say what they did", async () => {
    expect(await run("sign_jwt.ts")).toBe("alice\n");
    expect(await run("custodian_jwt.ts")).toBe("alice\n");
    expect(await run("sealed_cookies.ts")).toBe(
      "SecretBuffer(7 bytes, guarded, redacted), 63 characters\n",
    );
    expect(await run("capacity.ts")).toMatch(/^\w+: 100 keys can be locked\n$/);
  });
});
