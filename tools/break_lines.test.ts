import { spawnSync } from "node:child_process";
import process from "node:process";
import { minifySync } from "rolldown/utils";
import { expect, it } from "vitest";
import { breakLines } from "./break_lines.ts";

const WIDE = "x".repeat(170);
const SAMPLES: Readonly<Record<string, string>> = {
  "statements, also behind a template with lines": `let a="${WIDE}";let b=\`\n${WIDE}\`;b;a;`,
  "what return gives": `function f(){return "${WIDE}",f(),[f(),f]}`,
  "members of a class, and static blocks": `class A{a="${WIDE}";static b=1;static{this.b=2}*c(){}}`,
  "imports and exports": `import{${"y".repeat(170)} as a,b}from"./x.js";export{a as c,b as d};`,
  "cases and parameters": `switch(1){case"${WIDE}":a;b;case 2:new C("${WIDE}",2)}`,
  objects: `let a={b:"${WIDE}",c:1,...d};for(let b="${WIDE}",c;;);`,
};

it.each(Object.entries(SAMPLES))("breaks lines, and changes no code: %s", (_, code) => {
  const plain = (text: string): string =>
    minifySync("a.js", text, { compress: false, mangle: false }).code;
  const broken = breakLines("a.js", code);
  expect(broken.split("\n").length).toBeGreaterThan(code.split("\n").length);
  expect(plain(broken)).toBe(plain(code));
});

it("leaves a comment for bundlers beside what it is about", () => {
  const code = `let a="${WIDE}",b=[/* @__PURE__ */new A,/* @__PURE__ */f()];`;
  expect(breakLines("a.js", code)).toMatch(
    /,\nb=\[\/\* @__PURE__ \*\/new A,\/\* @__PURE__ \*\/f\(\)\];$/,
  );
});

it("leaves short code as it is, and refuses what is none", () => {
  expect(breakLines("a.js", "a();b();")).toBe("a();b();");
  expect(() => breakLines("a.js", "a(")).toThrow("a.js: it does not parse");
});

it("an error that nobody catches shows itself, and not a whole file of the package", () => {
  const program = `import { openSecrets } from "lethe"; openSecrets({ memory: "heap" }).allocate(-1);`;
  const { stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
    env: {},
  });
  expect(stderr).toContain("RangeError: Cannot allocate secret");
  expect(stderr.length).toBeLessThan(3000);
});
