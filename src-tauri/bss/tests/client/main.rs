//! The client against a scripted server on loopback.
//!
//! Where each trap of "billing API on the wire" (sections 0, 2, 3, 4.4) is tested; `wire` is `tests/wire.rs`, `signatures` is
//! `tests/signatures.rs`, the rest are modules here.
//!
//! | trap | test |
//! |---|---|
//! | POST, all parameters in the query, empty body with a length | `sending::a_refund_travels_exactly_as_given` |
//! | `ProductType=` stays, and is signed | the same |
//! | the query on the wire is not the signed one (`+`, `*`) | `signatures::the_wire_query_is_not_the_signed_one` |
//! | `host` is signed with its port | `sending::a_refund_travels_exactly_as_given` |
//! | some operations are GET; other versions and hosts | `services::each_operation_travels_to_its_api` |
//! | lists as `Name.1`, `Name.2` | `services::each_operation_travels_to_its_api`, `services::numbered_lists` |
//! | booleans in any case, written `true` | `wire::requests_write_what_a_server_reads` |
//! | dates left out mean the last hour: always given | `wire::requests_write_what_a_server_reads` |
//! | `Success: false` with HTTP 200, and HTTP 4xx/5xx | `failures::both_failure_shapes_by_code` |
//! | `Throttling.*` is HTTP 400; any failure with `x-acs-retry-after` | the same, `throttling` |
//! | `AccessDeniedDetail` beside the code | `failures::a_denial_with_its_details_is_a_denial` |
//! | `NotApplicable`: wrong site, or not for this caller | `failures::not_applicable_is_the_wrong_site_or_the_wrong_caller` |
//! | an order id above 0 means accepted, not `Success` | `sending::only_a_refund_order_id_means_accepted` |
//! | code `200` or `Success`; no code; no verdict | `sending::success_is_read_from_the_verdict_then_from_the_data` |
//! | no envelope (STS); counts beside `Data` (Agency) | `services` |
//! | inner wrappers: none, doubled, lower camel | `paging::every_paged_operation_reads_its_own_wrapper`, `wire::nested_modules_have_lower_camel_inner_names` |
//! | counts as text or numbers | `wire::counts_travel_as_the_operation_writes_them`, `paging::counts_may_be_text_or_missing` |
//! | null, absent and empty lists | `wire::lists_may_be_null_absent_or_empty` |
//! | rows shift between pages; short pages | `paging::rows_that_shift_are_given_and_told`, `paging::pages_smaller_than_admitted_lose_nothing` |
//! | `InstanceIDs` is a list in a text; `InstanceIds` too | `wire::instance_ids_are_a_list_inside_a_text`, `wire::leniency_of_members` |
//! | `ExtendInfos` values are JSON texts | `wire::extend_infos_hold_json_texts` |
//! | words and member names in any case, unknown ones kept | `wire::leniency_of_members` |
//! | stray blanks; numbers as text and text as numbers | the same |
//! | amounts that are JSON numbers, never through a float | `wire::a_refund_amount_is_its_own_digits`, `sending::an_inquiry_reads_the_numbers_own_digits`, `services::a_partners_orders` |
//! | thousands separators | `wire::amounts_keep_their_digits` |
//! | times without seconds; empty ones; local ones | `wire::times_with_and_without_seconds`, `services::relations_and_their_states`, `services::a_partners_orders` |
//! | bodies that are not the API's (HTML, XML, cut off, empty) | `failures::answers_that_do_not_come_from_the_api` |
//! | bodies without end, in size or in time; compressed ones | `failures::a_body_*`, `failures::an_endless_body_is_given_up_on` |
//! | temporary keys end by the API's clock | `roles` |
//! | proxy and certificates of the company | `company` |

#![allow(clippy::unwrap_used, reason = "in a test the panic is the report")]

mod company;
mod failures;
mod paging;
mod roles;
mod sending;
mod services;
mod support;
mod throttling;
