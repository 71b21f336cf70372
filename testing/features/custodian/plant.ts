import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Everything that a folder or a variable can make a runtime run or read. Each leaves a line in a log, with
 * the process in which it ran.
 */
export class Plant {
  readonly #folder: string;

  /** @param folder that only this test has */
  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(join(folder, "evil"));
    writeFileSync(this.log, "");
    chmodSync(this.log, 0o666);
    writeFileSync(join(folder, "evil/shell"), this.#shell("shell"), { mode: 0o755 });
    writeFileSync(join(folder, "evil/library.c"), this.#library());
    const library = join(folder, "evil/library.so");
    spawnSync("cc", ["-shared", "-fPIC", "-o", library, join(folder, "evil/library.c")]);
    writeFileSync(join(folder, "evil/openssl.cnf"), openssl(library));
  }

  get log(): string {
    return join(this.#folder, "evil/log");
  }

  /** Files for a folder that is the current one, the home, or above the program. */
  files(place: string): void {
    const script = (name: string): string => this.#script(`${place}/${name}`);
    const preload = `preload = [${JSON.stringify(script("bunfig.toml"))}]\n`;
    const variables = `PLANTED=${place}\nNODE_OPTIONS=--require=${script("dotenv")}\n`;
    const paths = (name: string): string =>
      JSON.stringify({
        compilerOptions: { baseUrl: ".", paths: { "sodium-native": [script(name)] } },
      });
    const deno = (name: string): string =>
      JSON.stringify({
        imports: { "sodium-native": script(name), "node:net": script(name) },
        preload: [script(name)],
        lock: { path: "./deno.lock", frozen: true },
      });
    const files: Readonly<Record<string, string>> = {
      "bunfig.toml": preload,
      ".bunfig.toml": preload,
      ".config/.bunfig.toml": preload,
      ".env": variables,
      ".env.local": variables,
      ".env.development": variables,
      ".env.production": variables,
      "tsconfig.json": paths("tsconfig.json"),
      "jsconfig.json": paths("jsconfig.json"),
      "deno.json": deno("deno.json"),
      "deno.jsonc": deno("deno.jsonc"),
      "deno.lock": "no lock file",
      "import_map.json": deno("import_map.json"),
      "package.json": JSON.stringify({
        name: "lethe",
        type: "commonjs",
        main: "./custodian_main.js",
        exports: { ".": "./custodian_main.js", "./custodian-program": "./custodian_main.js" },
        imports: { "#ffi": "./custodian_main.js" },
        browser: { "sodium-native": "./x.js" },
      }),
      "vendor/sodium-native/index.js": this.#code(`${place}/vendor`),
      "vendor/manifest.json": JSON.stringify({ modules: {} }),
      "bun.lock": "no lock file",
      ".npmrc": "registry=http://127.0.0.1:1/\nnode-options=--require=./x.js\n",
      "node.config.json": JSON.stringify({
        nodeOptions: { require: [script("node.config.json")] },
      }),
      ".pnp.cjs": this.#code(`${place}/.pnp.cjs`),
      ".pnp.loader.mjs": "throw new Error('planted')",
      ".node_modules/sodium-native/index.js": this.#code(`${place}/.node_modules`),
      ".node_libraries/sodium-native/index.js": this.#code(`${place}/.node_libraries`),
      "node_modules/.bin/setpriv": this.#shell(`${place}/setpriv`),
      "node_modules/.bin/prlimit": this.#shell(`${place}/prlimit`),
      "node_modules/.bin/sh": this.#shell(`${place}/sh`),
      "node_modules/lethe-planted/index.js": this.#code(`${place}/node_modules`),
      "custodian_main.js": this.#code(`${place}/custodian_main.js`),
      "custodian_main.mjs": this.#code(`${place}/custodian_main.mjs`),
    };
    this.#write(place, files);
  }

  /** Packages of the names that Lethe loads, for a folder from which it resolves none. */
  packages(place: string): void {
    const names = ["koffi", "sodium-native", "lethe", "libsodium-sumo"];
    const files = names.map((name) => `node_modules/${name}/index.js`);
    const program = "node_modules/lethe/dist/adapters/node/custodian_main.js";
    this.#write(
      place,
      Object.fromEntries([...files, program].map((name) => [name, this.#code(`${place}/${name}`)])),
    );
  }

  #write(place: string, files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      const path = join(place, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      if (name.includes(".bin/")) chmodSync(path, 0o755);
    }
  }

  /** Variables that runtimes, the dynamic loader, OpenSSL and ICU read. */
  variables(home: string): Readonly<Record<string, string>> {
    const script = (name: string): string => this.#script(name);
    const evil = (name: string): string => join(this.#folder, "evil", name);
    return {
      PATH: `${home}/node_modules/.bin:/usr/bin:/bin`,
      HOME: home,
      XDG_CONFIG_HOME: `${home}/.config`,
      XDG_CACHE_HOME: evil("cache"),
      XDG_DATA_HOME: evil("data"),
      TMPDIR: evil("tmp"),
      LD_PRELOAD: evil("library.so"),
      LD_AUDIT: evil("library.so"),
      LD_LIBRARY_PATH: evil("."),
      GCONV_PATH: evil("."),
      LOCPATH: evil("."),
      LANG: "xx_YY.EVIL",
      GLIBC_TUNABLES: "glibc.malloc.check=3",
      MALLOC_PERTURB_: "7",
      OPENSSL_CONF: evil("openssl.cnf"),
      OPENSSL_MODULES: evil("."),
      OPENSSL_ENGINES: evil("."),
      SSL_CERT_FILE: evil("cert.pem"),
      ICU_DATA: evil("."),
      NODE_OPTIONS: `--require=${script("NODE_OPTIONS")}`,
      NODE_PATH: evil("."),
      NODE_ICU_DATA: evil("."),
      NODE_EXTRA_CA_CERTS: evil("cert.pem"),
      NODE_V8_COVERAGE: evil("coverage"),
      NODE_COMPILE_CACHE: evil("compiled"),
      NODE_REDIRECT_WARNINGS: evil("warnings"),
      NODE_REPL_EXTERNAL_MODULE: script("NODE_REPL_EXTERNAL_MODULE"),
      NODE_PENDING_DEPRECATION: "1",
      BUN_OPTIONS: `--preload=${script("BUN_OPTIONS")}`,
      BUN_INSPECT_PRELOAD: script("BUN_INSPECT_PRELOAD"),
      BUN_RUNTIME_TRANSPILER_CACHE_PATH: evil("transpiled"),
      BUN_CONFIG_REGISTRY: "http://127.0.0.1:1/",
      BUN_INSTALL: evil("bun"),
      BUN_TMPDIR: evil("tmp"),
      BUN_CONFIG_VERBOSE_FETCH: "curl",
      DENO_DIR: evil("deno"),
      DENO_V8_FLAGS: "--expose-gc",
      DENO_COVERAGE_DIR: evil("deno_coverage"),
      DENO_AUTH_TOKENS: "token@127.0.0.1",
      DENO_AUDIT_PERMISSIONS: evil("audit"),
      DENO_INSTALL_ROOT: evil("deno_root"),
      DENO_NO_PACKAGE_JSON: "1",
      NPM_CONFIG_USERCONFIG: evil("npmrc"),
      npm_config_node_options: `--require=${script("npm_config")}`,
      npm_config_script_shell: evil("shell"),
      npm_node_execpath: evil("shell"),
      LD_BIND_NOT: "1",
      LD_ORIGIN_PATH: evil("."),
    };
  }

  #script(name: string): string {
    const path = join(this.#folder, "evil", `${name.replaceAll(/\W/g, "_")}.cjs`);
    writeFileSync(path, this.#code(name));
    return path;
  }

  #code(name: string): string {
    const line = `\`\${process.pid} ${name} \${process.argv[1]}\\n\``;
    return `require("node:fs").appendFileSync(${JSON.stringify(this.log)}, ${line});\n`;
  }

  #shell(name: string): string {
    return `#!/bin/dash\necho "$$ ${name}" >> ${this.log}\nexec /usr/bin/${name.split("/").at(-1)?.replace("shell", "sh")} "$@"\n`;
  }

  /** Runs in every process that loads it, however. */
  #library(): string {
    return `#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
unsigned la_version(unsigned version) { return version; }
__attribute__((constructor)) static void ran(void) {
  char line[64];
  int log = open("${this.log}", O_WRONLY | O_APPEND);
  int length = snprintf(line, sizeof line, "%d library.so\\n", getpid());
  if (log >= 0 && write(log, line, length) == length) close(log);
}
`;
  }
}

function openssl(library: string): string {
  return `nodejs_conf = init
openssl_conf = init
[init]
providers = list
[list]
default = default_section
planted = planted_section
[default_section]
activate = 1
[planted_section]
module = ${library}
activate = 1
`;
}
