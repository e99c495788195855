fn main(){ let t=std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap(); let c=refund_rules::parse_case(&t).unwrap();
 let n=std::time::Instant::now(); let r=refund_rules::quote(&c,refund_rules::Policies::built_in()); eprintln!("{:?}",n.elapsed());
 let n=std::time::Instant::now(); for _ in 0..100 {let _=refund_rules::quote(&c,refund_rules::Policies::built_in());} eprintln!("x100 {:?}",n.elapsed());
 eprintln!("{:?}", refund_rules::check(&c,&r));
 match r {Ok(q)=>{ let mut q=q.seal(); eprintln!("{} changes", q.next_changes.len()); q.next_changes.truncate(6); println!("{}",serde_json::to_string_pretty(&q).unwrap())}, Err(e)=>println!("{e}")} }
