(* SHA-256 (FIPS 180-4) of a string, in hexadecimal. *)

let primes count =
  let rec next found n =
    if List.length found = count then List.rev found
    else if List.for_all (fun p -> n mod p <> 0) found then next (n :: found) (n + 1)
    else next found (n + 1) in
  next [] 2

(* The first 32 bits of the fraction of the k-th root: floor(2^32 root) modulo 2^32, exactly. *)
let root_bits k p = Z.(to_int (logand (root (shift_left (of_int p) Stdlib.(32 * k)) k) (of_int 0xffffffff)))

let constants = Array.of_list (List.map (root_bits 3) (primes 64))
let start = List.map (root_bits 2) (primes 8)
let mask = 0xffffffff
let turn x n = ((x lsr n) lor (x lsl (32 - n))) land mask

let padded s =
  let bits = 8 * String.length s in
  let zeros = (119 - (String.length s mod 64)) mod 64 in
  let length = Bytes.create 8 in
  Bytes.set_int64_be length 0 (Int64.of_int bits);
  String.concat "" [ s; "\x80"; String.make zeros '\000'; Bytes.to_string length ]

let block data at state =
  let w = Array.make 64 0 in
  for t = 0 to 15 do
    w.(t) <- Int32.to_int (String.get_int32_be data (at + (4 * t))) land mask
  done;
  for t = 16 to 63 do
    let x = w.(t - 15) and y = w.(t - 2) in
    let s0 = turn x 7 lxor turn x 18 lxor (x lsr 3) in
    let s1 = turn y 17 lxor turn y 19 lxor (y lsr 10) in
    w.(t) <- (w.(t - 16) + s0 + w.(t - 7) + s1) land mask
  done;
  let v = Array.of_list state in
  for t = 0 to 63 do
    let a = v.(0) and e = v.(4) in
    let s1 = turn e 6 lxor turn e 11 lxor turn e 25 in
    let choose = (e land v.(5)) lxor (lnot e land mask land v.(6)) in
    let one = v.(7) + s1 + choose + constants.(t) + w.(t) in
    let s0 = turn a 2 lxor turn a 13 lxor turn a 22 in
    let majority = (a land v.(1)) lxor (a land v.(2)) lxor (v.(1) land v.(2)) in
    let two = s0 + majority in
    Array.blit v 0 v 1 7;
    v.(4) <- (v.(4) + one) land mask;
    v.(0) <- (one + two) land mask
  done;
  List.mapi (fun i x -> (x + v.(i)) land mask) state

let hex s =
  let data = padded s in
  let rec over at state = if at = String.length data then state else over (at + 64) (block data at state) in
  String.concat "" (List.map (Printf.sprintf "%08x") (over 0 start))
