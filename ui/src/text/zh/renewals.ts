import type { Like } from "../bind";
import type { renewals as en } from "../en/renewals";

export const renewals: Like<typeof en> = {
  title: "退订未生效续费",
  plan: "制定取消方案…",
  noMatchNext: "没有匹配的未生效续费资源。",
  listLabel: "有未生效续费的资源",
  filter: "实例 ID 或产品",
  pending: "{count, number} 个未生效续费",
  now: "现在",
  currentEnd: "当前服务期结束",
  expires: "到期",
  choose: "更新后到期时间",
  chooseHint: "在该时间及之后开始的续费全部取消。",
  falls: "取消 {count, number} 个续费",
  refund: "退款",
  keeps: "资源继续运行至 {when}。",
  open: "退订未生效续费…",
  none: "没有可单独退订的续费。",
  compensatory: "补偿",
  empty: "没有未生效续费",
  emptyNext: "已付款但尚未开始的续费，同步后会显示在这里。",
  failed: "无法读取未生效续费",
  auto: "自动续费已开启：资源会再次续费。请在控制台关闭。",
};
