import type { Like } from "../bind";
import type { requests as en } from "../en/requests";

export const requests: Like<typeof en> = {
  title: "申请",
  listLabel: "申请",
  columns: { updated: "变更时间", resource: "资源", action: "操作", channel: "渠道", state: "状态", amount: "金额" },
  empty: "还没有申请",
  emptyNext: "您查看过的退订会显示在这里，直到款项到账。",
  failed: "无法读取申请",
  nothing: "未选择申请",
  nothingNext: "选择一个以查看经过和可做的操作。",
  trail: "经过",
  instructions: "步骤",
  reason: "原因",
  created: "创建时间",
  withdrawAsk: "撤回该申请？资源保持不变。",
  withdrawYes: "撤回",
  withdrawNo: "保留",
  problem: "存在的问题",
  quoteHash: "报价",
};
