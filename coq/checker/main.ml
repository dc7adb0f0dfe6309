(* relumax-coq-checker FILE...: which certificates are theorems. Exit codes as of the kernel alone: 0 every
   file is a theorem, 1 some file is malformed or proves nothing, 2 a path is no readable regular file
   (or there is none), 3 some file needs more work than its length allows, and nothing worse. *)

let most = 1 lsl 26

let read path =
  let file = Unix.openfile path [ Unix.O_RDONLY; Unix.O_NONBLOCK ] 0 in
  Fun.protect ~finally:(fun () -> Unix.close file) @@ fun () ->
  if (Unix.fstat file).st_kind <> Unix.S_REG then failwith "not a regular file";
  let channel = Unix.in_channel_of_descr file in
  set_binary_mode_in channel true;
  let data = Buffer.create 65536 in
  (try while Buffer.length data <= most do Buffer.add_channel data channel 65536 done
   with End_of_file -> ());
  Buffer.contents data

let text chars =
  let data = Buffer.create 1024 in
  List.iter (Buffer.add_char data) chars;
  Buffer.contents data

(* The proved function says whether it is a theorem; what it was asked about is printed by proved code
   and has to be what stands in the file. *)
let check data =
  if String.length data > most then raise Work.Exhausted;
  Work.budget (String.length data);
  let certificate, points, network_text, claim_text = Read.certificate data in
  if text (Proved.network_text certificate.the_network) <> network_text then
    raise (Json.Malformed "the network is not in canonical form");
  if text (Proved.claim_text certificate.the_claim) <> claim_text then
    raise (Json.Malformed "the claim is not in canonical form");
  if Proved.accepts certificate points then
    let n = List.length certificate.the_claim.statements in
    let statements = if n = 1 then "1 statement is" else Printf.sprintf "%d statements are" n in
    ( 0,
      [ statements ^ " true over every ordered field";
        Printf.sprintf "network SHA-256 %s, claim SHA-256 %s" (Sha256.hex network_text)
          (Sha256.hex claim_text) ] )
  else (1, [ "invalid: the claim is not as the format asks, or its proofs do not prove it" ])

let outcome path = match check (read path) with
  | found -> found
  | exception Json.Malformed reason -> (1, [ "malformed: " ^ reason ])
  | exception (Z.Overflow | Not_found | Invalid_argument _) -> (1, [ "malformed: no certificate" ])
  | exception Work.Exhausted -> (3, [ "refused: it needs more work than its length allows" ])
  | exception (Stack_overflow | Out_of_memory) -> (3, [ "refused: out of memory" ])
  | exception Unix.Unix_error (problem, _, _) -> (2, [ Unix.error_message problem ])
  | exception (Failure problem | Sys_error problem) -> (2, [ problem ])

let () =
  match List.tl (Array.to_list Sys.argv) with
  | [] -> prerr_endline "usage: relumax-coq-checker FILE..."; exit 2
  | paths -> (
      let worst = ref 0 in
      let one path =
        let code, lines = outcome path in
        List.iter (fun line -> Printf.printf "%s: %s\n" (String.escaped path) line) lines;
        if code <> 0 && (!worst = 0 || code < !worst) then worst := code in
      try List.iter one paths; flush stdout; exit !worst with Sys_error _ -> exit 2)
