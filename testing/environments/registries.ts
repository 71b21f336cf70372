/** Registries of this machine that have Lethe: of npm, and of JSR. Everything else comes from npm's own. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Registry {
  /** Its address, which ends with a slash. */
  readonly address: string;
  close(): void;
}

/** A registry of npm that has the package in `file`, and passes on everything else to `others`. */
export async function serveNpm(file: string, others: string): Promise<Registry> {
  const bytes = readFileSync(file);
  const unpacked = spawnSync("tar", ["xOf", file, "package/package.json"], { encoding: "utf8" });
  const manifest = JSON.parse(unpacked.stdout);
  const { version } = manifest;
  const registry = await listen(async (request, response) => {
    const path = request.url ?? "";
    if (path === "/lethe.tgz") return response.end(bytes);
    if (path === "/lethe") {
      const integrity = `sha512-${hash(bytes, "sha512", "base64")}`;
      const dist = { tarball: `${registry.address}lethe.tgz`, integrity };
      const versions = { [version]: { ...manifest, dist } };
      const packument = { name: "lethe", "dist-tags": { latest: version }, versions };
      return response.end(JSON.stringify(packument));
    }
    const answer = await fetch(new URL(path.slice(1), others));
    response.statusCode = answer.status;
    return response.end(Buffer.from(await answer.arrayBuffer()));
  });
  return registry;
}

/** A registry of JSR that has the sources, with the packages they import under their npm names, as `deno publish` does it. */
export async function serveJsr(): Promise<Registry> {
  const { name, version, exports } = JSON.parse(readFileSync("deno.json", "utf8"));
  const { peerDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  const files = new Map<string, Buffer>();
  const rooms = "{adapters,cli,conformance,core,engines,features,memories,system}";
  for (const path of globSync(`${rooms}/**/*.ts`).filter((path) => !path.endsWith(".test.ts"))) {
    let text = readFileSync(path, "utf8");
    for (const [peer, range] of Object.entries(peerDependencies)) {
      text = text.replaceAll(`from "${peer}`, `from "npm:${peer}@${range}`);
    }
    files.set(`/${path}`, Buffer.from(text));
  }
  const manifest = Object.fromEntries(
    [...files].map(([path, bytes]) => {
      const checksum = `sha256-${hash(bytes, "sha256", "hex")}`;
      return [path, { size: bytes.length, checksum }];
    }),
  );
  const [, scope, title] = /^@(.+)\/(.+)$/.exec(name) ?? [];
  const versions = { [version]: {} };
  const answers: Readonly<Record<string, unknown>> = {
    [`/${name}/meta.json`]: { scope, name: title, latest: version, versions },
    [`/${name}/${version}_meta.json`]: { manifest, exports },
  };
  return listen((request, response) => {
    const path = request.url ?? "";
    const file = files.get(path.replace(`/${name}/${version}`, ""));
    const known = file ?? (path in answers ? JSON.stringify(answers[path]) : undefined);
    response.statusCode = known === undefined ? 404 : 200;
    response.setHeader("content-type", file ? "application/typescript" : "application/json");
    response.end(known);
  });
}

async function listen(answer: RequestListener): Promise<Registry> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const { port } = server.address() as AddressInfo;
  return { address: `http://localhost:${port}/`, close: () => server.close() };
}

function hash(bytes: Uint8Array, kind: string, form: "base64" | "hex"): string {
  return createHash(kind).update(bytes).digest(form);
}
