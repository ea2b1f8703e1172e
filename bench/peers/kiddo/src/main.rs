//! kiddo's ImmutableKdTree as a peer of the benchmark; bench/systems/external.cpp says what it is asked.

use kiddo::{immutable::float::kdtree::ImmutableKdTree, SquaredEuclidean};
use std::{env, fs, io, num::NonZero, path::Path, time::Instant};

type Tree = ImmutableKdTree<f64, u32, 2, 32>;

/// Of the C library: sizes in bytes, with hblkhd at 4 and uordblks at 7.
#[repr(C)]
struct MallInfo2([usize; 10]);

extern "C" {
    fn mallinfo2() -> MallInfo2;
}

fn heap_bytes() -> usize {
    let info = unsafe { mallinfo2() }.0;
    info[4] + info[7]
}

fn positions(path: &Path) -> Vec<[f64; 2]> {
    let number = |bytes: &[u8]| f64::from_le_bytes(bytes.try_into().unwrap());
    let bytes = fs::read(path).unwrap();
    bytes
        .chunks_exact(16)
        .map(|pair| [number(&pair[..8]), number(&pair[8..])])
        .collect()
}

fn answers(tree: &Tree, queries: &[[f64; 2]], verb: &str, argument: &str) -> Vec<f64> {
    let square = |distance: f64| distance * distance;
    match (verb, argument) {
        ("nearest", "1") => queries
            .iter()
            .map(|q| tree.nearest_one::<SquaredEuclidean>(q).distance.sqrt())
            .collect(),
        ("nearest", k) => {
            let k: NonZero<usize> = k.parse().unwrap();
            let farthest = |q| {
                tree.nearest_n::<SquaredEuclidean>(q, k)
                    .last()
                    .map_or(-1.0, |n| n.distance.sqrt())
            };
            queries.iter().map(farthest).collect()
        }
        ("within", distance) => {
            let limit = square(distance.parse().unwrap());
            queries
                .iter()
                .map(|q| tree.within_unsorted::<SquaredEuclidean>(q, limit).len() as f64)
                .collect()
        }
        _ => panic!("{verb} is not known"),
    }
}

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let directory = Path::new(&arguments[1]);
    let points = positions(&directory.join("points.f64"));
    let (mut seconds, mut bytes, mut tree) = (f64::INFINITY, 0, None);
    for _ in 0..arguments[2].parse().unwrap() {
        drop(tree.take());
        let before = heap_bytes();
        let start = Instant::now();
        tree = Some(Tree::new_from_slice(&points));
        seconds = start.elapsed().as_secs_f64().min(seconds);
        bytes = heap_bytes() - before;
    }
    let tree = tree.unwrap();
    println!("built {seconds} {bytes}");
    for line in io::stdin().lines() {
        let line = line.unwrap();
        let (verb, argument) = line.split_once(' ').unwrap();
        let queries = positions(&directory.join("queries.f64"));
        let start = Instant::now();
        let answers = answers(&tree, &queries, verb, argument);
        let microseconds = start.elapsed().as_secs_f64() * 1e6;
        let bytes: Vec<u8> = answers
            .iter()
            .flat_map(|answer| answer.to_le_bytes())
            .collect();
        fs::write(directory.join("answers.f64"), bytes).unwrap();
        println!("{microseconds}");
    }
}
