import type { Like } from "../bind";
import type { app as en } from "../en/app";

export const app: Like<typeof en> = {
  app: {
    name: "退款台",
    pages: { today: "今日", resources: "资源", renewals: "续费", requests: "申请", history: "历史", reports: "报表", settings: "设置" },
    pagesLabel: "页面",
    opening: "正在打开…",
    openFailed: "无法打开",
  },
  sandbox: {
    banner: "沙箱",
    explain: "客户均为虚构，任何操作都不会到达阿里云。",
    clock: "沙箱时钟",
    plusOne: "+1 天",
    plusThree: "+3 天",
    turning: "正在调整时钟…",
  },
  date: { form: "年-月-日", from: "起", to: "止", wrong: "不是有效日期，请按 2026-05-20 的格式填写。" },
  age: {
    now: "刚刚",
    minutes: "{count, number} 分钟前",
    hours: "{count, number} 小时前",
    days: "{count, number} 天前",
  },
  problem: {
    place: "位置",
    next: "下一步",
    code: "代码",
    dismiss: "关闭",
    region: "消息",
  },
};
