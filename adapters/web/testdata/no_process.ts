/** Stands in for `node:process` in a browser: the suite's target asks for these. */
const process: { readonly pid: number; readonly versions: { readonly node: string } } = {
  pid: 0,
  versions: { node: "none" },
};

// biome-ignore lint/style/noDefaultExport: it has the shape of the module that it stands in for.
export default process;
