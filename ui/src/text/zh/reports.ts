import type { Like } from "../bind";
import type { reports as en } from "../en/reports";

export const reports: Like<typeof en> = {
  title: "报表",
};
