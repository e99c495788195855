//! The billing API BssOpenApi 2017-12-14 on the wire: signature, types, paging, failures.
