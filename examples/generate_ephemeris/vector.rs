//! Three-dimensional vectors, as little as the reduction needs.

/// Components in a right-handed rectangular frame.
pub type Vector = [f64; 3];

pub fn add(a: Vector, b: Vector) -> Vector {
    std::array::from_fn(|i| a[i] + b[i])
}

pub fn sub(a: Vector, b: Vector) -> Vector {
    std::array::from_fn(|i| a[i] - b[i])
}

pub fn scale(a: Vector, factor: f64) -> Vector {
    a.map(|x| x * factor)
}

pub fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub fn norm(a: Vector) -> f64 {
    dot(a, a).sqrt()
}

pub fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// Product of a matrix (rows) and a vector.
pub fn rotate(matrix: &[Vector; 3], a: Vector) -> Vector {
    std::array::from_fn(|i| dot(matrix[i], a))
}
