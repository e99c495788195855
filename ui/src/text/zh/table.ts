import type { Like } from "../bind";
import type { table as en } from "../en/table";

export const table: Like<typeof en> = {
  select: "选择",
  columns: "列",
  reset: "恢复最初的列与宽度",
  width: "{column} 的宽度",
  undo: "撤销",
};
