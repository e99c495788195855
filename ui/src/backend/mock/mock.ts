import type { Backend } from "../backend";
export const backend = {} as Backend;
